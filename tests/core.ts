/** The tests that need no sockets, files or commands: they run unchanged in Node, Deno and Bun. */
import "./unit/codec/codec_test.ts";
import "./unit/crypto/noble_provider_test.ts";
import "./unit/crypto/signer_test.ts";
import "./vectors/noble_vectors_test.ts";
