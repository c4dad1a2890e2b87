/**
 * A Deno.TcpListener whose connections speak TLS. None of them waits for the handshake of another. Knows no TLS.
 * @module
 */

import type { Listener, NetAddr, TcpConn, TlsConn, TlsListener } from "./deno_types.ts";

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
    return this.#secure(await this.#tcp.accept());
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<TlsConn> {
    for await (const conn of this.#tcp) yield this.#secure(conn);
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
