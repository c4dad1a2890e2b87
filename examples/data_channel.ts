import type { ByteTransport } from "../adapters/streams.ts";

const maxMessageBytes = 2 ** 14; // what every browser takes
const maxUnsentBytes = 2 ** 20;

/** A WebRTC data channel (ordered and reliable, as they are by default) as a transport for wrapClient and wrapServer. */
export function dataChannelTransport(channel: RTCDataChannel): ByteTransport {
  const happens = (name: string) => new Promise((resolve) => channel.addEventListener(name, resolve, { once: true }));
  const closed = happens("close");
  let isWanted = true;
  channel.binaryType = "arraybuffer";
  channel.bufferedAmountLowThreshold = maxUnsentBytes / 2;
  return {
    opened: (channel.readyState === "connecting" ? Promise.race([happens("open"), closed]) : Promise.resolve())
      .then(() => channel.readyState === "open" ? {} : Promise.reject(new Error("the data channel is closed"))),
    readable: new ReadableStream<Uint8Array>({
      start(controller) {
        channel.addEventListener("message", ({ data }) => isWanted && controller.enqueue(new Uint8Array(data)));
        // With or without an error before: TLS tells by close_notify whether something is missing.
        void closed.then(() => isWanted && controller.close());
      },
      cancel() {
        isWanted = false;
        channel.close();
      },
    }),
    writable: new WritableStream<Uint8Array>({
      async write(bytes) {
        for (let offset = 0; offset < bytes.length; offset += maxMessageBytes) {
          channel.send(bytes.slice(offset, offset + maxMessageBytes));
          if (channel.bufferedAmount > maxUnsentBytes) await Promise.race([happens("bufferedamountlow"), closed]);
        }
      },
      close: () => channel.close(), // what was sent before still goes out
    }),
    close: () => channel.close(),
  };
}
