/** The tests that need no sockets, files or commands: they run unchanged in Node, Deno and Bun. */
import "./unit/codec/codec_test.ts";
