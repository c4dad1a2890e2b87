/** The pump over streams that have the peculiarities of workerd's sockets; runs in any runtime. */
import { type ByteTransport, wrapClient, wrapServer } from "../../adapters/streams.ts";
import { assert, suite } from "../harness.ts";
import { credential, pattern, readBytes, readText, trusting, writeAll } from "./fixtures.ts";
import { transportPair } from "./memory_runtime.ts";

const test = suite("streams like workerd's");
const server = { credentials: [credential], halfClose: true };

test("wait for each write, although the writable is always ready", async () => {
  const wire = transportPair();
  const writer = wire.other.writable.getWriter();
  let waiting = 0;
  let most = 0;
  const writable = new WritableStream<Uint8Array>({
    write: async (bytes) => {
      await writer.write(bytes);
      waiting -= bytes.length;
    },
    close: () => writer.close(),
  }, { highWaterMark: Infinity });
  const getWriter = writable.getWriter.bind(writable);
  writable.getWriter = () => {
    const inner = getWriter();
    const write = inner.write.bind(inner);
    inner.write = (bytes: Uint8Array) => {
      waiting += bytes.length;
      most = Math.max(most, waiting);
      return write(bytes);
    };
    return inner;
  };
  const client = wrapClient(wire.one, trusting);
  const stream = wrapServer({ readable: wire.other.readable, writable }, server);
  await stream.opened;
  const writing = writeAll(stream.writable, pattern(2 ** 20));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is((await readText(client.readable)).length > 0, true);
  await Promise.all([writing, client.close(), stream.closed]);
  assert.ok(most < 2 ** 17, `${most} bytes were waiting`);
});

test("are never read twice at once, also when the connection ends and lingers", async () => {
  const wire = transportPair();
  const { readable } = wire.one;
  const getReader = readable.getReader.bind(readable) as () => ReadableStreamDefaultReader<Uint8Array>;
  let refused = 0;
  const strict = (): ReadableStreamDefaultReader<Uint8Array> => {
    const reader = getReader();
    const read = reader.read.bind(reader);
    let isReading = false;
    reader.read = async () => {
      if (isReading) refused++;
      isReading = true;
      return await read().finally(() => isReading = false);
    };
    return reader;
  };
  const client = wrapClient({ ...wire.one, readable: Object.assign(readable, { getReader: strict }) }, trusting);
  await readBytes(wire.other.readable, 5);
  const closing = client.close();
  await readText(wire.other.readable);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await wire.other.writable.close();
  await closing;
  assert.is(refused, 0);
});

test("are cut off only when the transport has been let go", async () => {
  const order: string[] = [];
  const transport: ByteTransport = {
    readable: new ReadableStream({ cancel: () => void order.push("cancel") }),
    writable: new WritableStream({ abort: () => void order.push("abort") }),
    close: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push("close");
    },
  };
  const stop = new AbortController();
  const client = wrapClient(transport, { ...trusting, signal: stop.signal });
  stop.abort(new RangeError("enough"));
  await client.closed.catch(() => {});
  const plaintext = wrapClient({ ...transport, ...transportPair().one }, { ...trusting, secureTransport: "starttls" });
  await plaintext.close();
  assert.equal(order, ["close", "cancel", "abort", "close"]);
});

test.run();
