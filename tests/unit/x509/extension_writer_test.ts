import { assert, suite } from "../../harness.ts";
import { DerReader } from "../../../lib/x509/der.ts";
import { derSequence } from "../../../lib/x509/der_writer.ts";
import {
  encodeAuthorityInfoAccess,
  encodeCertificatePolicies,
  encodeCrlDistributionPoints,
  encodeInhibitAnyPolicy,
  encodeKeyUsage,
  encodeNameConstraints,
  encodeOcspNoCheck,
  encodePolicyConstraints,
  encodePolicyMappings,
  encodeSubjectAltName,
  encodeTlsFeature,
} from "../../../lib/x509/extension_writer.ts";
import { decodeExtensions } from "../../../lib/x509/extensions.ts";
import type { GeneralName } from "../../../lib/x509/general_name.ts";
import { anyPolicy } from "../../../lib/x509/oids.ts";
import { hex, refusesToDecode } from "./builder.ts";

const test = suite("extension_writer");
const decode = (...extensions: Uint8Array[]): ReturnType<typeof decodeExtensions> =>
  decodeExtensions(new DerReader(derSequence(...extensions)).enter(0x30, "list"), "list");

test("writes nameConstraints critical, and only the lists that there are", () => {
  const name = { type: "dNSName", name: "a" } as const;
  const both = encodeNameConstraints({ permittedSubtrees: [name], excludedSubtrees: [name] });
  assert.equal(both, hex("301a 0603551d1e 0101ff 0410 300e a005 3003 820161 a105 3003 820161"));
  const permitted = hex("3013 0603551d1e 0101ff 0409 3007 a005 3003 820161");
  assert.equal(encodeNameConstraints({ permittedSubtrees: [name] }), permitted);
  assert.equal(encodeNameConstraints({ permittedSubtrees: [name], excludedSubtrees: [] }), permitted);
});

test("writes names that read back the same", () => {
  const names: readonly GeneralName[] = decode(encodeSubjectAltName(["a.b", "192.0.2.1", {
    type: "directoryName",
    name: [{ type: "O", value: "c" }],
  }], false)).subjectAltName?.names ?? [];
  assert.equal(names.map(({ type }) => type), ["dNSName", "iPAddress", "directoryName"]);
  const constraints = decode(encodeNameConstraints({
    permittedSubtrees: [{ type: "iPAddress", address: "192.0.2.0/24" }, { type: "rfc822Name", name: ".a" }],
    excludedSubtrees: [{ type: "uniformResourceIdentifier", name: "b" }],
  })).nameConstraints;
  assert.equal(constraints, {
    permittedSubtrees: [
      { type: "iPAddress", address: hex("c0000200ffffff00") },
      { type: "rfc822Name", name: ".a" },
    ],
    excludedSubtrees: [{ type: "uniformResourceIdentifier", name: "b" }],
  });
  refusesToDecode(() => decode(encodeNameConstraints({ permittedSubtrees: [] })), /the sequence is empty/);
});

test("writes the extensions about policies, critical but for the policies themselves", () => {
  assert.equal(
    encodeCertificatePolicies(["1.2.3", anyPolicy]),
    hex("3017 0603551d20 0410 300e 3004 06022a03 3006 0604551d2000"),
  );
  assert.equal(
    encodePolicyMappings([{ issuerDomainPolicy: "1.2.3", subjectDomainPolicy: "1.2.4" }]),
    hex("3016 0603551d21 0101ff 040c 300a 3008 06022a03 06022a04"),
  );
  assert.equal(
    encodePolicyConstraints({ requireExplicitPolicy: 0, inhibitPolicyMapping: 200 }),
    hex("3013 0603551d24 0101ff 0409 3007 800100 810200c8"),
  );
  assert.equal(encodePolicyConstraints({ inhibitPolicyMapping: 1 }), hex("300f 0603551d24 0101ff 0405 3003 810101"));
  assert.equal(encodeInhibitAnyPolicy(0), hex("300d 0603551d36 0101ff 0403 020100"));
});

// proves RFC 5280 §4.2.1.13: "If the certificate issuer is also the CRL issuer"
// proves RFC 5280 §4.2.1.13: "When a conforming CA includes"
test("writes where lists, responders and issuers are", () => {
  assert.equal(
    encodeCrlDistributionPoints(["a:b", "c:d"]),
    hex("301f 0603551d1f 0418 3016 3009 a007 a005 8603 613a62 3009 a007 a005 8603 633a64"),
  );
  assert.equal(
    encodeAuthorityInfoAccess(["a:b"], ["c:d"]),
    hex(
      "3030 06082b06010505070101 0424 3022" +
        "300f 06082b06010505073001 8603 613a62 300f 06082b06010505073002 8603 633a64",
    ),
  );
});

// proves RFC 6960 §4.2.2.2.1: "The value of the extension SHALL"
test("writes features of TLS, and that a responder isn't checked", () => {
  assert.equal(encodeTlsFeature([5, 17]), hex("3014 06082b06010505070118 0408 3006 020105 020111"));
  assert.equal(encodeOcspNoCheck(), hex("300f 06092b0601050507300105 0402 0500"));
});

test("writes a keyUsage without bits, which nobody accepts", () => {
  refusesToDecode(() => decode(encodeKeyUsage([])), /no bit is set/);
});

test.run();
