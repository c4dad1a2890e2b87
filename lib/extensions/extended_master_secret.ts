/**
 * extended_master_secret: the master secret shall depend on the whole handshake. Empty in both hellos.
 * RFC 7627 §5.1.
 * @module
 */

import { type Codec, empty } from "../codec/codec.ts";

export const extendedMasterSecret: Codec<undefined> = empty;
