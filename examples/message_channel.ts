import type { Output, TlsConnection } from "../mod.ts";

/** Gets what happens, and what carries out what it brings about: `carryOut(tls.send(data))`. */
export type Hear = (output: Output, carryOut: (outputs: readonly Output[]) => void) => void;

/** Speaks TLS over a MessagePort: to a worker, an iframe, another window. */
export function overPort(port: MessagePort, tls: TlsConnection, hear: Hear): void {
  function carryOut(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.type === "transmit") port.postMessage(output.bytes);
      else hear(output, carryOut);
      if (output.type === "closed" || output.type === "failed") end();
    }
  }

  // A port doesn't say reliably that the other one is gone, so null says that no more bytes will come.
  function end(): void {
    port.postMessage(null);
    port.close();
  }

  port.onmessage = ({ data }) => carryOut(data instanceof Uint8Array ? tls.receive(data) : tls.receiveEnd());
  carryOut(tls.start());
}
