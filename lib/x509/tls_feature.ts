/**
 * Which TLS extensions a certificate says that its server always answers: with status_request it must staple.
 * Enters: certificates. Leaves: numbers of extensions, and what a certificate lacks that its issuer's demands of it;
 * DecodeError says what is malformed, where and why. Whether the server did answer is for others to see.
 * RFC 7633 §4.1, §4.2.
 * @module
 */

import { DecodeError } from "../error.ts";
import { ExtensionType, registeredName } from "../registry.ts";
import type { Certificate } from "./certificate.ts";
import { derError, DerReader, Tag } from "./der.ts";
import { extensionOf } from "./extensions.ts";
import { ExtensionId } from "./oids.ts";

/**
 * The numbers of TLS extensions that the certificate's server answers when it is asked, known ones and others; empty
 * without the extension. Throws DecodeError for a malformed one.
 */
export function tlsFeatures(certificate: Certificate): readonly number[] {
  const extension = extensionOf(certificate, ExtensionId.tlsFeature);
  if (extension === undefined) return [];
  const reader = new DerReader(extension.value);
  const list = reader.enter(Tag.SEQUENCE, "tlsFeature");
  reader.end("tlsFeature");
  const features: number[] = [];
  while (list.remaining > 0) {
    const offset = list.offset;
    const feature = list.smallInteger("tlsFeature");
    if (feature > 0xffff) {
      throw derError("tlsFeature", offset, `${feature} is larger than any number of a TLS extension`);
    }
    features.push(feature);
  }
  return features;
}

/** Whether the certificate's server staples an OCSP response whenever it is asked for one (status_request). */
export function mustStaple(certificate: Certificate): boolean {
  return tlsFeatures(certificate).includes(ExtensionType.status_request);
}

/**
 * What is wrong with a certificate's features, in words; `undefined` when nothing is: they are malformed, or lack some that
 * its issuer's certificate has (`undefined` for an issuer without a certificate).
 * RFC 7633 §4.2.2: what a CA issues has the features of the CA's own certificate, or more.
 */
export function tlsFeatureFault(certificate: Certificate, issuer: Certificate | undefined): string | undefined {
  try {
    const features = tlsFeatures(certificate);
    const own = new Set(features);
    const missing = issuer === undefined ? [] : tlsFeatures(issuer).filter((feature) => !own.has(feature));
    const unchecked = features.filter((feature) => feature !== ExtensionType.status_request);
    if (unchecked.length > 0 && extensionOf(certificate, ExtensionId.tlsFeature)?.critical === true) {
      return `its tlsFeature is critical and has ${listed(unchecked)}, which isn't supported`;
    }
    if (missing.length === 0) return undefined;
    return `its tlsFeature has ${listed(features)}, and that of its issuer also ${listed(missing)}`;
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
}

function listed(features: readonly number[]): string {
  const shown = features.slice(0, maxListed).map((feature) => registeredName(ExtensionType, feature) ?? `${feature}`);
  if (features.length > maxListed) shown.push(`${features.length - maxListed} more`);
  return shown.length === 0 ? "nothing" : shown.join(", ");
}

/** What an error says, at most: whoever made the certificate chooses how many there are. */
const maxListed = 8;
