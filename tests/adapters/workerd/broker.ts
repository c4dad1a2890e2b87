/**
 * Listens on TCP for a worker, which can't. Runs in Node, as support of the tests; knows no TLS.
 * A connection begins with one line, what the worker wants; from then on the bytes are raw:
 *
 *     listen       answers with a port; then a line with an id for each connection that comes there
 *     accept ID    the other end of that connection
 *     dial PORT    connects to what listens there; answers with the connection's id
 *     reset ID     resets that connection, towards both ends
 *     count        answers how many connections are open
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

export interface Broker {
  readonly port: number;
  close(): void;
}

export async function startBroker(): Promise<Broker> {
  const broker = new Connections();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    firstLine(socket).then((line) => broker.obey(line, socket)).catch(() => socket.destroy());
  });
  return {
    port: await portOf(server),
    close: () => {
      server.close();
      broker.close();
    },
  };
}

type Offer = (socket: Socket) => number;

class Connections {
  readonly #listeners = new Map<number, { readonly server: Server; readonly offer: Offer }>();
  /** Both ends of each connection; the second one is there once it was accepted. */
  readonly #ends = new Map<number, readonly Socket[]>();
  #lastId = 0;

  async obey(line: string, socket: Socket): Promise<void> {
    const [word, number] = line.split(" ");
    const id = Number(number);
    switch (word) {
      case "listen":
        return await this.#listen(socket);
      case "accept":
        return this.#accept(id, socket);
      case "dial":
        return void socket.write(`${this.#listeners.get(id)?.offer(socket)}\n`);
      case "reset":
        this.#ends.get(id)?.forEach((end) => end.resetAndDestroy());
        return void socket.end("done\n");
      case "count":
        return void socket.end(`${this.#ends.size}\n`);
      default:
        throw new Error(`What is "${line}"?`);
    }
  }

  close(): void {
    for (const { server } of this.#listeners.values()) server.close();
    for (const end of [...this.#ends.values()].flat()) end.destroy();
  }

  async #listen(control: Socket): Promise<void> {
    const offered: number[] = [];
    const offer = (socket: Socket): number => {
      const id = ++this.#lastId;
      offered.push(id);
      this.#ends.set(id, [socket]);
      socket.on("error", () => {}).once("close", () => this.#ends.delete(id));
      control.write(`${id}\n`);
      return id;
    };
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, offer);
    const port = await portOf(server);
    this.#listeners.set(port, { server, offer });
    const stop = (): void => {
      server.close();
      this.#listeners.delete(port);
      for (const id of offered) {
        const [end, other] = this.#ends.get(id) ?? [];
        if (other === undefined) end?.resetAndDestroy();
      }
    };
    control.once("close", stop).once("end", () => control.end()).resume();
    control.write(`${port}\n`);
  }

  #accept(id: number, socket: Socket): void {
    const [end] = this.#ends.get(id) ?? [];
    if (end === undefined) return void socket.resetAndDestroy();
    this.#ends.set(id, [end, socket]);
    join(end, socket);
    join(socket, end);
  }
}

/** An end is passed on as an end, and anything else as a reset. */
function join(from: Socket, to: Socket): void {
  from.setNoDelay(true).pipe(to);
  from.once("close", () => {
    if (!from.readableEnded) to.resetAndDestroy();
  });
}

async function firstLine(socket: Socket): Promise<string> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) {
      await once(socket, "readable");
      continue;
    }
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf("\n");
    if (end < 0) continue;
    if (end + 1 < bytes.length) socket.unshift(bytes.subarray(end + 1));
    return bytes.toString("latin1", 0, end);
  }
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return address.port;
}
