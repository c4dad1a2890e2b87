/**
 * A MessagePort as a transport, and beside the bytes a word about what happened on the other side. Both go through the
 * same port, so that they arrive in the order in which they happened.
 * @module
 */

import type { Side } from "../../adapters/cli/step.ts";
import type { ByteTransport } from "../../adapters/streams.ts";
import type { Moment } from "./recording.ts";

/** What goes through the port. */
export type PortMessage =
  | { readonly type: "bytes"; readonly bytes: Uint8Array }
  | { readonly type: "end" }
  | { readonly type: "moment"; readonly moment: Moment }
  | { readonly type: "said"; readonly bytes: Uint8Array; readonly sender: Side };

/** `onWord` gets everything but bytes. */
export function portTransport(port: MessagePort, onWord: (message: PortMessage) => void = () => {}): ByteTransport {
  let isOver = false;
  let hasEnded = false;
  const end = (): void => {
    if (!isOver) tell(port, { type: "end" });
    isOver = true;
  };
  return {
    readable: new ReadableStream<Uint8Array>({
      start: (controller) => {
        port.onmessage = ({ data }: MessageEvent<PortMessage>) => {
          if (data.type !== "bytes" && data.type !== "end") return onWord(data);
          if (hasEnded) return;
          if (data.type === "bytes") return controller.enqueue(data.bytes);
          hasEnded = true;
          controller.close();
        };
      },
      // What still comes has nowhere to go.
      cancel: () => void (hasEnded = true),
    }),
    writable: new WritableStream<Uint8Array>({
      write: (bytes) => tell(port, { type: "bytes", bytes }),
      close: end,
      abort: end,
    }),
    close: end,
  };
}

/** Says something through the port. */
export function tell(port: MessagePort, message: PortMessage): void {
  port.postMessage(message);
}
