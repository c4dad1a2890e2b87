/**
 * A Deno.TcpListener whose connections speak TLS. None of them waits for the handshake of another. Knows no TLS.
 * @module
 */

import {
  denoRuntime,
  type Listener,
  type NetAddr,
  type TcpConn,
  type TlsConn,
  type TlsListener,
} from "./deno_types.ts";

/** `secure` begins TLS on a connection, and doesn't wait for it. */
export function tlsListener(tcp: Listener<TcpConn>, secure: (conn: TcpConn) => TlsConn): TlsListener {
  return new SecureListener(tcp, secure);
}

class SecureListener implements TlsListener {
  readonly #tcp: Listener<TcpConn>;
  readonly #secure: (conn: TcpConn) => TlsConn;

  constructor(tcp: Listener<TcpConn>, secure: (conn: TcpConn) => TlsConn) {
    this.#tcp = tcp;
    this.#secure = secure;
  }

  get addr(): NetAddr {
    return this.#tcp.addr;
  }

  async accept(): Promise<TlsConn> {
    for (;;) {
      try {
        return this.#secure(await this.#tcp.accept());
      } catch (error) {
        if (!isOfTheClient(error)) throw error;
      }
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<TlsConn> {
    let isLeft = true;
    try {
      for (;;) yield await this.accept();
    } catch (error) {
      isLeft = false;
      // Closing the listener ends its loop, as it does with Deno's own …
      if (!isEnd(error)) throw error;
    } finally {
      // … and leaving the loop closes the listener.
      if (isLeft) this.close();
    }
  }

  close(): void {
    this.#tcp.close();
  }

  [Symbol.dispose](): void {
    this.#tcp[Symbol.dispose]();
  }

  ref(): void {
    this.#tcp.ref();
  }

  unref(): void {
    this.#tcp.unref();
  }
}

/** A client that has reset its connection before it was accepted: no reason to refuse the others. */
function isOfTheClient(error: unknown): boolean {
  const { ConnectionAborted, ConnectionReset, NotConnected } = denoRuntime().errors;
  return error instanceof NotConnected || error instanceof ConnectionReset || error instanceof ConnectionAborted;
}

function isEnd(error: unknown): boolean {
  const { BadResource, Interrupted } = denoRuntime().errors;
  return error instanceof BadResource || error instanceof Interrupted;
}
