/** Runs in a browser: two ends of a WebRTC data channel, and TLS over it. `globalThis.talk()` says what came of it. */
import { dataChannelTransport } from "../../examples/data_channel.ts";
import { type TlsStream, wrapClient, wrapServer } from "../../adapters/streams.ts";
import { credential, errorOf, pattern, readAll, trusting, writeAll } from "../adapters/fixtures.ts";

Object.assign(globalThis, { talk, cut });

/** Three million bytes there and back. */
async function talk(): Promise<string> {
  const { client, server } = await pair();
  const data = pattern(3_000_000);
  const echo = server.readable.pipeTo(server.writable);
  const sending = writeAll(client.writable, data);
  const heard = await readAll(client.readable);
  await Promise.all([sending, echo, client.closed, server.closed]);
  const { cipherSuite } = await client.opened;
  return heard.every((byte, index) => byte === data[index])
    ? `${heard.length} ${cipherSuite}`
    : "something else came back";
}

/** The channel goes away in the middle. */
async function cut(): Promise<string> {
  const { client, server, channels } = await pair();
  await Promise.all([client.opened, server.opened]);
  channels[0].close();
  const errors = await Promise.all([errorOf(client.closed), errorOf(server.closed)]);
  return errors.map(({ name }) => name).join();
}

async function pair(): Promise<{
  readonly client: TlsStream;
  readonly server: TlsStream;
  readonly channels: readonly [RTCDataChannel, RTCDataChannel];
}> {
  const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()];
  one.onicecandidate = ({ candidate }) => void other.addIceCandidate(candidate ?? undefined);
  other.onicecandidate = ({ candidate }) => void one.addIceCandidate(candidate ?? undefined);
  const channel = one.createDataChannel("tls");
  const client = wrapClient(dataChannelTransport(channel), trusting);
  const accepted = new Promise<RTCDataChannel>((resolve) => other.ondatachannel = (event) => resolve(event.channel));
  await one.setLocalDescription(await one.createOffer());
  await other.setRemoteDescription(one.localDescription ?? { type: "offer" });
  await other.setLocalDescription(await other.createAnswer());
  await one.setRemoteDescription(other.localDescription ?? { type: "answer" });
  const channels = [channel, await accepted] as const;
  return {
    client,
    server: wrapServer(dataChannelTransport(channels[1]), { credentials: [credential], halfClose: true }),
    channels,
  };
}
