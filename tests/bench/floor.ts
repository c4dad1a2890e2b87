/**
 * The floor: every cryptographic operation of both ends, and no TLS around it. Nobody can be faster with that provider.
 * The operations and the lengths of what they work on are those of a full handshake of the benchmark's duel.
 * @module
 */

import { type CryptoProvider, nobleProvider } from "../../mod.ts";
import { bulkLength, ca, type Duel, leaf, privateKey, random } from "./scene.ts";

type Named = { readonly name: string };

function named<Element extends Named>(elements: readonly Element[], name: string): Element {
  const element = elements.find((one) => one.name === name);
  if (element === undefined) throw new Error(`the provider has no ${name}`);
  return element;
}

/**
 * All cryptography of one full handshake with extended_master_secret, client and server.
 * `transcriptLength`: of all messages up to ClientKeyExchange, in bytes.
 */
export function floorHandshake({ suite, group }: Duel, transcriptLength: number): () => void {
  const provider: CryptoProvider = nobleProvider;
  const { aead, hash } = named(provider.cipherSuites, suite);
  const { generateKeyPair, sharedSecret } = named(provider.namedGroups, group);
  const scheme = named(provider.signatureSchemes, "ecdsa_secp256r1_sha256");
  const { publicKey: leafKey } = leaf;
  const { publicKey: caKey } = ca;
  if (leafKey === undefined || caKey === undefined) throw new Error("a certificate has no key");
  const ivLength = suite.includes("GCM") ? 4 : 12;
  const blocks = (length: number): number => Math.ceil(length / hash.outputLength);
  const nonce = new Uint8Array(12);
  const aad = new Uint8Array(13);
  const finished = new Uint8Array(16);
  const params = new Uint8Array(64 + 4 + (group === "x25519" ? 32 : 65));
  const sessionHash = new Uint8Array(transcriptLength);
  const transcripts = [sessionHash, new Uint8Array(transcriptLength + finished.length)];

  /** RFC 5246 §5: two HMACs for each block of output. */
  const prf = (secret: Uint8Array, seed: Uint8Array, length: number): Uint8Array => {
    let a = seed;
    let last = a;
    for (let block = 0; block < blocks(length); block++) {
      a = hash.hmac(secret, a);
      last = hash.hmac(secret, seed);
    }
    return last;
  };
  const seeds = {
    extendedMasterSecret: new Uint8Array(22 + hash.outputLength),
    keyExpansion: new Uint8Array(13 + 64),
    finished: new Uint8Array(15 + hash.outputLength),
  };
  const oneEnd = (preMasterSecret: Uint8Array): Uint8Array => {
    hash.digest(sessionHash);
    const masterSecret = prf(preMasterSecret, seeds.extendedMasterSecret, 48);
    prf(masterSecret, seeds.keyExpansion, 2 * (aead.keyLength + ivLength));
    for (const transcript of transcripts) {
      hash.digest(transcript);
      prf(masterSecret, seeds.finished, 12);
    }
    return masterSecret;
  };

  return () => {
    random(32); // the client's random
    const server = generateKeyPair(random);
    random(32); // the server's random
    const signature = scheme.sign(privateKey, params, random);
    if (!scheme.verify(caKey, leaf.tbs, leaf.signature)) throw new Error("the certificate's signature is wrong");
    if (!scheme.verify(leafKey, params, signature)) throw new Error("the server's signature is wrong");
    const client = generateKeyPair(random);
    const clientSecret = sharedSecret(client.privateKey, server.publicKey);
    const serverSecret = sharedSecret(server.privateKey, client.publicKey);
    if (clientSecret === undefined || serverSecret === undefined) throw new Error("no shared secret");
    const key = oneEnd(clientSecret).subarray(0, aead.keyLength);
    oneEnd(serverSecret);
    const wideKey = key.length === aead.keyLength ? key : new Uint8Array(aead.keyLength);
    for (let finisheds = 0; finisheds < 2; finisheds++) {
      if (aead.open(wideKey, nonce, aad, aead.seal(wideKey, nonce, aad, finished)) === undefined) {
        throw new Error("AEAD");
      }
    }
  };
}

/** Seal and open one full record. */
export function floorBulk({ suite }: Duel): () => void {
  const { aead } = named(nobleProvider.cipherSuites, suite);
  const key = random(aead.keyLength);
  const nonce = random(12);
  const aad = random(13);
  const data = random(bulkLength);
  return () => {
    if (aead.open(key, nonce, aad, aead.seal(key, nonce, aad, data)) === undefined) throw new Error("AEAD");
  };
}
