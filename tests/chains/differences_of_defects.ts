/**
 * What OpenSSL 3.0 and Go say to defects where they don't say the same as we, and why we don't follow them.
 * @module
 */

import type { Answer } from "./defect.ts";
import type { Place } from "./draft.ts";

export type Judge = "openssl" | "go";

/** Some defects to which a judge says the opposite of what we say. */
export interface DifferenceOfDefects {
  readonly judge: Judge;
  readonly theirs: Answer;
  readonly because: string;
  readonly defects: readonly (readonly [name: string, ...places: readonly Place[]])[];
}

const issued = ["leaf", "ca"] as const;
const authorities = ["ca", "anchor"] as const;
const everywhere = ["leaf", "ca", "anchor"] as const;

export const differencesOfDefects: readonly DifferenceOfDefects[] = [
  {
    judge: "openssl",
    theirs: "refused",
    because: "RFC 5280 §4.1.2.5 has notAfter belong to the validity; in OpenSSL it is over then",
    defects: [["in its last second", ...everywhere]],
  },
  {
    judge: "openssl",
    theirs: "refused",
    because: "anyExtendedKeyUsage isn't taken for TLS by OpenSSL; RFC 5280 §4.2.1.12 leaves it to applications",
    defects: [["for any purpose", ...everywhere]],
  },
  {
    judge: "openssl",
    theirs: "refused",
    because:
      "key identifiers help to find an issuer (RFC 5280 §4.2.1.1); no rule of §6.1 compares them, as OpenSSL does",
    defects: [
      ["authorityKeyIdentifier of another key", ...issued],
      ["authorityKeyIdentifier of another serial number", ...issued],
      ["subjectKeyIdentifier of another key", ...authorities],
    ],
  },
  {
    judge: "openssl",
    theirs: "refused",
    because:
      "a certificate with its issuer's name is self-issued; OpenSSL takes it for self-signed without looking for more",
    defects: [["a leaf with its issuer's name", "leaf"]],
  },
  {
    judge: "openssl",
    theirs: "refused",
    because:
      "the leaf's key is used in the handshake, where a point that is not on its curve fails: no path is about it",
    defects: [["a point that is not on its curve", "leaf"]],
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because:
      "an authority needs basicConstraints with cA TRUE (RFC 5280 §4.2.1.9); OpenSSL lets others pass when keyUsage has keyCertSign",
    defects: [["no basicConstraints", "anchor"]],
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because: "keyCertSign must not be without cA (RFC 5280 §4.2.1.9)",
    defects: [["a leaf with keyCertSign and no cA", "leaf"]],
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because:
      "we have ECDHE only, for which a key must be allowed to sign (RFC 5246 §7.4.2); others have RSA and ECDH too",
    defects: [["a leaf for key encipherment", "leaf"], ["a leaf for key agreement", "leaf"]],
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because:
      "TLS features are enforced: no OCSP response is stapled here, or a CA's features aren't those of what it issued",
    defects: [["must-staple", ...everywhere]],
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because: "policies are always checked (RFC 5280 §6.1.5 (g)); OpenSSL does it when it is told to",
    defects: [
      ["a policy twice", ...issued],
      ["an explicit policy required", ...issued],
      ["an explicit policy required, not critically", ...issued],
      ["empty policyConstraints", ...issued],
      ["any policy mapped", "ca"],
    ],
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because: "DER and the ASN.1 of RFC 5280 are kept to; OpenSSL reads BER, and more values than there may be",
    defects: [
      ["an unknown extension twice", ...everywhere],
      ["empty name constraints", ...authorities],
      ["an address of five bytes", "leaf"],
      ["a DNS name that is not ASCII", "leaf"],
      ["no issuer", "anchor"],
      ["extensions in version 1", ...everywhere],
      ["extensions in version 2", ...everywhere],
      ["version 4", ...everywhere],
      ["version 1 written", ...everywhere],
      ["a length not in its shortest form", ...everywhere],
      ["an indefinite length", ...everywhere],
      ["a BOOLEAN of 1", ...everywhere],
      ["an RSA key that is even", "leaf"],
      ["another algorithm outside", "anchor"],
      ["a NULL more outside", "anchor"],
    ],
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because: "names are those of subjectAltName only (RFC 9525 §6.1); OpenSSL falls back to the common name",
    defects: [
      ["its name only in the common name", "leaf"],
      ["its name only in the common name, others in subjectAltName", "leaf"],
    ],
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because: "parameters must be absent (RFC 5758 §3.2, RFC 8410 §3) or NULL (RFC 4055 §5)",
    defects: [["parameters of the signature algorithm that it hasn't", ...issued]],
  },
  {
    judge: "openssl",
    theirs: "accepted",
    because:
      "these keys can't be used with us: TLS has no secp256k1, and no compressed points (RFC 8422 §5.1.1, §5.4.1)",
    defects: [["a key on secp256k1", "leaf"], ["a compressed point", "leaf"]],
  },
  {
    judge: "go",
    theirs: "refused",
    because: "Go refuses policies that it can't read wherever they are; those of trust anchors have no effect",
    defects: [["a policy twice", "anchor"]],
  },
  {
    judge: "go",
    theirs: "refused",
    because: "Go compares names by their bytes; RFC 5280 §7.1 without regard to case and to the type of string",
    defects: [
      ["its issuer's name in small letters", ...issued],
      ["its issuer's name as another type of string", ...issued],
    ],
  },
  {
    judge: "go",
    theirs: "refused",
    because:
      "the leaf's key is used in the handshake, where a point that is not on its curve fails: no path is about it",
    defects: [["a point that is not on its curve", "leaf"]],
  },
  {
    judge: "go",
    theirs: "refused",
    because: "serial numbers that are not positive are handled gracefully (RFC 5280 §4.1.2.2); Go refuses them",
    defects: [["a negative serial number", ...everywhere]],
  },
  {
    judge: "go",
    theirs: "accepted",
    because: "keyCertSign must not be without cA (RFC 5280 §4.2.1.9)",
    defects: [["a leaf with keyCertSign and no cA", "leaf"]],
  },
  {
    judge: "go",
    theirs: "accepted",
    because:
      "we have ECDHE only, for which a key must be allowed to sign (RFC 5246 §7.4.2); Go doesn't look at keyUsage of leaves",
    defects: [["a leaf for key encipherment", "leaf"], ["a leaf for key agreement", "leaf"]],
  },
  {
    judge: "go",
    theirs: "accepted",
    because:
      "TLS features are enforced: no OCSP response is stapled here, or a CA's features aren't those of what it issued",
    defects: [["must-staple", ...everywhere]],
  },
  {
    judge: "go",
    theirs: "accepted",
    because: "a sequence of policyConstraints must not be empty (RFC 5280 §4.2.1.11)",
    defects: [["empty policyConstraints", ...issued]],
  },
  {
    judge: "go",
    theirs: "accepted",
    because: "DER and the ASN.1 of RFC 5280 are kept to; Go reads more",
    defects: [
      ["keyUsage without a bit", ...everywhere],
      ["an empty list of purposes", ...everywhere],
      ["name constraints with a minimum", ...authorities],
      ["no issuer", "anchor"],
      ["extensions in version 1", "anchor"],
      ["extensions in version 2", "anchor"],
      ["version 1 written", "anchor"],
      ["a time without seconds", ...everywhere],
      ["an element after the extensions", ...everywhere],
      ["an RSA key that is even", "leaf"],
    ],
  },
  {
    judge: "go",
    theirs: "accepted",
    because: "parameters must be absent (RFC 5758 §3.2, RFC 8410 §3) or NULL (RFC 4055 §5)",
    defects: [["parameters of the signature algorithm that it hasn't", ...issued]],
  },
  {
    judge: "go",
    theirs: "accepted",
    because: "RSA keys below 2048 bits are too weak (NIST SP 800-57); Go's limit is 1024",
    defects: [["an RSA key of 1024 bits", "leaf"]],
  },
];
