/**
 * Certificates, revocation lists and OCSP responses of a hundred kilobytes, each full of one thing.
 * @module
 */

import { asciiBytes, concat } from "../../lib/codec/bytes.ts";
import { Tag } from "../../lib/x509/der.ts";
import {
  derBoolean,
  derConstructed,
  derElement,
  derImplicit,
  derInteger,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derSet,
} from "../../lib/x509/der_writer.ts";
import { encodeCertificate } from "../../lib/x509/certificate_writer.ts";
import { encodeExtension } from "../../lib/x509/extension_writer.ts";
import { AttributeType, ExtensionId } from "../../lib/x509/oids.ts";
import { encodeSubjectPublicKeyInfo } from "../../lib/x509/spki.ts";
import { decodeOcspResponse } from "../../lib/x509/ocsp_response.ts";
import { decodeCertificate, decodeCertificateRevocationList } from "../../lib/x509.ts";
import { countingRandom, day, now, testKey } from "../unit/x509/builder.ts";
import { cheapScheme } from "./certificate_scene.ts";
import { nested } from "./der_mutations.ts";

const size = 100_000;

function filled(one: (number: number) => Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let length = 0; length < size;) {
    const part = one(parts.length);
    parts.push(part);
    length += part.length;
  }
  return concat(...parts);
}

const cn = derObjectIdentifier(AttributeType.CN);
const attribute = (text: Uint8Array): Uint8Array => derSequence(cn, derElement(Tag.UTF8String, text));
const text = (number: number): Uint8Array => asciiBytes(number.toString(36));
const oid = (number: number): Uint8Array => derObjectIdentifier(`1.2.${number}`);
const simpleName = derSequence(derSet(attribute(text(1))));

function certificate(fields: {
  readonly subject?: Uint8Array;
  readonly serialNumber?: Uint8Array;
  readonly extensions?: readonly Uint8Array[];
}): Uint8Array {
  const privateKey = testKey(1);
  return encodeCertificate({
    serialNumber: Uint8Array.of(1),
    issuer: simpleName,
    subject: simpleName,
    notBefore: now - day,
    notAfter: now + day,
    spki: encodeSubjectPublicKeyInfo(cheapScheme.publicKeyOf(privateKey)),
    extensions: [],
    ...fields,
  }, { privateKey, scheme: cheapScheme, random: countingRandom() });
}

const withExtension = (id: keyof typeof ExtensionId, value: Uint8Array): Uint8Array =>
  certificate({ extensions: [encodeExtension(ExtensionId[id], false, value)] });
const dnsName = (number: number): Uint8Array => derImplicit(2, text(number));

const ofCertificates: Readonly<Record<string, Uint8Array>> = {
  "extensions": certificate({
    extensions: [filled((number) => derSequence(oid(number), derOctetString(Uint8Array.of(0))))],
  }),
  "critical extensions": certificate({
    extensions: [filled((number) => derSequence(oid(number), derBoolean(true), derOctetString()))],
  }),
  "names": withExtension("subjectAltName", derSequence(filled(dnsName))),
  "empty names": withExtension("subjectAltName", derSequence(filled(() => derImplicit(2)))),
  "addresses": withExtension("subjectAltName", derSequence(filled(() => derImplicit(7, Uint8Array.of(1, 2, 3, 4))))),
  "one long name": withExtension("subjectAltName", derSequence(derImplicit(2, new Uint8Array(size).fill(0x61)))),
  "one name of many labels": withExtension(
    "subjectAltName",
    derSequence(derImplicit(2, asciiBytes("a.".repeat(size / 2)))),
  ),
  "mail addresses of dots": withExtension(
    "subjectAltName",
    derSequence(filled(() => derImplicit(1, asciiBytes(`${"a.".repeat(60)}@${"-".repeat(60)}`)))),
  ),
  "directory names": withExtension("subjectAltName", derSequence(filled(() => derConstructed(4, simpleName)))),
  "subtrees": withExtension(
    "nameConstraints",
    derSequence(derConstructed(0, filled((number) => derSequence(dnsName(number))))),
  ),
  "purposes": withExtension("extendedKeyUsage", derSequence(filled(oid))),
  "policies": withExtension("certificatePolicies", derSequence(filled((number) => derSequence(oid(number))))),
  "mappings": withExtension(
    "policyMappings",
    derSequence(filled((number) => derSequence(oid(number), oid(number + 1)))),
  ),
  "access descriptions": withExtension(
    "authorityInfoAccess",
    derSequence(filled((number) => derSequence(oid(number), derImplicit(6, text(number))))),
  ),
  "TLS features": withExtension("tlsFeature", derSequence(filled((number) => derInteger(number % 65_536)))),
  "timestamps": withExtension("signedCertificateTimestampList", derOctetString(new Uint8Array(size))),
  "relative names": certificate({ subject: derSequence(filled((number) => derSet(attribute(text(number))))) }),
  "attributes of one relative name": certificate({
    subject: derSequence(derSet(filled((number) => attribute(text(number))))),
  }),
  "one long attribute": certificate({
    subject: derSequence(derSet(attribute(new Uint8Array(size).fill(0x20)))),
  }),
  "combining marks": certificate({
    subject: derSequence(derSet(attribute(filled(() => Uint8Array.of(0xcc, 0x81))))),
  }),
  "combining marks, thirty in a row": certificate({
    subject: derSequence(
      derSet(
        attribute(
          filled((number) => number % 31 === 0 ? Uint8Array.of(0x61) : Uint8Array.of(0xcc, 0x80 + number % 30)),
        ),
      ),
    ),
  }),
  "an identifier of many arcs": certificate({
    extensions: [derSequence(derElement(Tag["OBJECT IDENTIFIER"], new Uint8Array(size).fill(1)), derOctetString())],
  }),
  "an identifier of one arc": certificate({
    extensions: [derSequence(derElement(Tag["OBJECT IDENTIFIER"], new Uint8Array(size).fill(0x81)), derOctetString())],
  }),
  "a serial number": certificate({ serialNumber: new Uint8Array(size).fill(0x7f) }),
  "sequences": certificate({ subject: nested(derNull(), size / 4) }),
  "a usage of many bits": withExtension("keyUsage", derElement(Tag["BIT STRING"], new Uint8Array(size))),
};

const algorithm = derSequence(derObjectIdentifier("1.2.840.10045.4.3.2"));
const time = derElement(Tag.UTCTime, asciiBytes("300101000000Z"));
const signed = (tbs: Uint8Array): Uint8Array =>
  derSequence(tbs, algorithm, derElement(Tag["BIT STRING"], new Uint8Array(9)));

const crl = signed(derSequence(
  derInteger(1),
  algorithm,
  simpleName,
  time,
  time,
  derSequence(filled((number) => derSequence(derInteger(number), time))),
));

const ocspResponse = derSequence(
  derElement(0x0a, Uint8Array.of(0)),
  derConstructed(
    0,
    derSequence(
      derObjectIdentifier("1.3.6.1.5.5.7.48.1.1"),
      derOctetString(signed(derSequence(
        derConstructed(2, derOctetString(new Uint8Array(20))),
        derElement(Tag.GeneralizedTime, asciiBytes("20300101000000Z")),
        derSequence(filled((number) =>
          derSequence(
            derSequence(
              derSequence(derObjectIdentifier("1.3.14.3.2.26")),
              derOctetString(new Uint8Array(20)),
              derOctetString(new Uint8Array(20)),
              derInteger(number),
            ),
            derImplicit(0),
            derElement(Tag.GeneralizedTime, asciiBytes("20300101000000Z")),
          )
        )),
      ))),
    ),
  ),
);

/** By what they are full of, with what decodes them. */
export const large: Readonly<
  Record<string, { readonly bytes: Uint8Array; readonly decode: (bytes: Uint8Array) => object }>
> = {
  ...Object.fromEntries(
    Object.entries(ofCertificates).map(([name, bytes]) => [name, { bytes, decode: decodeCertificate }]),
  ),
  "revoked certificates": { bytes: crl, decode: decodeCertificateRevocationList },
  "answers": { bytes: ocspResponse, decode: decodeOcspResponse },
};
