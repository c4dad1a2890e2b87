/**
 * Keys of random chains: for each kind as many as are asked for, always the same ones. RSA keys, which take long to make,
 * were made once; they protect nothing. RSA signs by Node, which is faster; what it signs is the same.
 * @module
 */

import { createPrivateKey, sign as signNatively } from "node:crypto";
import type { EcCurveName, PrivateKey, SignatureAlgorithm, SignatureSchemeElement } from "../../lib/crypto/provider.ts";
import { encodeSubjectPublicKeyInfo } from "../../lib/x509/spki.ts";
import { rememberingProvider } from "../support/fixtures.ts";

export const keyKinds = ["p256", "ed25519", "p384", "rsa2048", "rsa1024"] as const;
export type KeyKind = typeof keyKinds[number];

export interface ChainKey {
  readonly kind: KeyKind;
  readonly privateKey: PrivateKey;
  /** DER of SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** Signs with it. */
  readonly scheme: SignatureSchemeElement;
  /** PEM, where there is one. */
  readonly pem: string | undefined;
}

const made = new Map<string, ChainKey>();

/** Key number `number` (from 0) of a kind. There are two of rsa2048 and one of rsa1024, which then return. */
export function chainKey(kind: KeyKind, number: number): ChainKey {
  const pem = rsaPem[kind]?.[number % (rsaPem[kind]?.length ?? 1)];
  const id = pem ?? `${kind} ${number}`;
  const known = made.get(id);
  if (known !== undefined) return known;
  const privateKey = pem === undefined ? smallKey(kind, number + 1) : rsaKey(pem);
  const scheme = pem === undefined ? schemeOf(algorithms[kind]) : nativeScheme(algorithms[kind], pem);
  const key = { kind, privateKey, spki: encodeSubjectPublicKeyInfo(scheme.publicKeyOf(privateKey)), scheme, pem };
  made.set(id, key);
  return key;
}

const algorithms: Readonly<Record<KeyKind, SignatureAlgorithm>> = {
  p256: "ecdsa_sha256",
  ed25519: "ed25519",
  p384: "ecdsa_sha384",
  rsa2048: "rsa_pkcs1_sha256",
  rsa1024: "rsa_pkcs1_sha256",
};

/** Of our provider; what was signed once isn't signed again. */
export function schemeOf(algorithm: SignatureAlgorithm): SignatureSchemeElement {
  const scheme = rememberingProvider.signatureSchemes.find((each) => each.algorithm === algorithm);
  if (scheme === undefined) throw new Error(`the provider has no ${algorithm}`);
  return scheme;
}

function nativeScheme(algorithm: SignatureAlgorithm, pem: string): SignatureSchemeElement {
  const key = createPrivateKey(pem);
  return { ...schemeOf(algorithm), sign: (_, message) => new Uint8Array(signNatively("sha256", message, key)) };
}

/** Read by Node, because we load no keys as weak as some of these. */
function rsaKey(pem: string): PrivateKey {
  const { n = "", e = "", d = "" } = createPrivateKey(pem).export({ format: "jwk" });
  const [modulus, exponent, privateExponent] = [n, e, d].map((text) => new Uint8Array(Buffer.from(text, "base64url")));
  if (modulus === undefined || exponent === undefined || privateExponent === undefined) throw new Error("no RSA key");
  return { type: "rsa", modulus, exponent, privateExponent };
}

function smallKey(kind: KeyKind, number: number): PrivateKey {
  const small = (length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    bytes.set([1, number >> 8, number & 255], length - 3);
    return bytes;
  };
  if (kind === "ed25519") return { type: "ed25519", seed: small(32) };
  const curve: EcCurveName = kind === "p384" ? "secp384r1" : "secp256r1";
  return { type: "ec", curve, scalar: small(kind === "p384" ? 48 : 32) };
}

const rsaPem: Readonly<Partial<Record<KeyKind, readonly string[]>>> = {
  rsa2048: [
    `-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDQqOwuhWboBLHh
DYKYaQ67Ax5j7i9Q9vC6m2i7w4cfD8sSXaFVuEnKCFnxInDZeZBoVEKE9mULit1f
x5CASETQ7mAeU+dVsTotb+G3GvalB1hziYVrnOuqlrJBvJrjjPN1i7uVG9WvudwO
v3du6zS3bhpAJXUu7sUjgyW8JQ3lSZj6gczLMQvLeicLetgvt3yhayUGqrpNTXSa
iy4k/V2z4Asa3Krsa8S1menWyLrEYPEIMgPhadcoFpQW7Mk7P6BplVPpNE+ZdgqC
25852K9XsYSPsPRgUD/xy2im23EA+gNGvsxB90DcMukT0ihxXnyteWUXaFownggj
vTG7pKC1AgMBAAECggEADdm8rbzcrxeKsC/rpI7Ks8a5+HOpz+PIaHai7d3FhR4R
AoPVDwHX4hGKWNuKpqDvYUGAld9eJzU9SxuN37oMWVsNZc33e+RzAmucDcG8MAms
CSVOhi1pJk5xADSTCnpDeeC/3560oUDC1vbGKIZz3h4wn2PtIqOmUdxlf5btFHRe
sd5N0yaIGjBhqE3ecuURq8YlUn1ZLhSsZne1cATseLBdIdAXmcmIUTTFTDtBrmWF
x6+I1ZX6vXioJgh0qkmN21VGBQKed0wI/cVKKYd4xI1ZlEmBr8CFIcsISPl8rDkA
D5pBpsAVJry98GntRPAbkvVALFJOII/b70EXEn8D8QKBgQD3mq7qwIxx/KwgWVfW
RdAQlpZ0bCgtM1rAFoNAfbGsP/3LnAaxbyz0oAj3TZGS7kDV8LhaPorUWi4MPnG6
9SXGOSwVi4Yntjg8vdEfa3/RHwAQgiVujBDY/bwyZrK36BOXeJFSgIl/R3nqD4BS
h8BANZQRqaswSK4D1DWAY++lcQKBgQDXvC87dmpTxEWoJZusaGyl8UXCUsPkGK1A
ebnulOY9vN0u2JROYicxuiRUeOldYNxCY622OPFDigT56OSWJwRKgW+fW9zSslMa
rgAhoburcxtXU9F21lbcDjjXehA74zTgjVp+VJ8IInZe6fbJyIYX651KCc2OP4/U
0HZ5tlP9hQKBgQCDgPT7mw48j/z/JVRgai2qUcBQzwy7jPXa5VoKS3esy0PI+vIX
FLvkpIZ+igUR61YmCjZvP55OUCL6v8N5jy/jyoOeYb77omzV3d6OeHKnJ3bKTcUB
pIRiKsjkX+T1hd256gAMuFXOcrDOXjNCIfU6ZPpiMyHHgCJjyDYuHWWvEQKBgQCM
I4ZbDhULzReinqt9V2gcc5ppHPJ7HTyOAYSyYq8ds63KXI4aTNBBETXAWbreGal6
xt103ZB72xBYdtzmXPoAnAwybK4JgCVT02vqbPFH8kH0fFI47AsIb4SlFHmvLWyP
4cLDBZ0434odJcZWVZglubw2+B87JDb+e1w6vCHbMQKBgA3eYgHXTldNC6lKaXIS
qO95pA+DqTT/4RSVNWGoIlB6iwlqACSz6+VE+HhUHruaE6GEJzokAFRlb0hetv5A
frPzlXsdXO8sT8hPaP9XmzeliWZqGnph9pHKWQdcM7W5D3cpJ90ZsGUX+c4zq7oy
j4PXUzS/EGaynN3HS1a1uxRO
-----END PRIVATE KEY-----
`,
    `-----BEGIN PRIVATE KEY-----
MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQC47qu9DsefApjT
jt3rEZuipbqxr7u8X4FhT0btSSvshKJiNZwjVgSpTqBQUdddHGZR+/SaoznW5vLk
1+BJHWHjRV4gvyJ9D4k+k+My/RLsvpilUqV1L/pamUZum4KgpjHTi4QdDoQ7BLaM
ZeRWkVasnZxeATVCjoejT+QksxsfpLPwjO1GrrAK86Nw4g2LTcJxcuhCen36lJGz
XDKuDjnrvOoMvJmwq0j9gA1ZZHcORUVN6sktm6jVzwrirK3EiXTlateLxG41fWg+
t4XL8MeeQtaPytsGyn1NmHa8V72bzzael169waAyPacefuGMBoPd7mWeH3qvsUQh
5sMpvo2jAgMBAAECggEAR5vbkmSDtbXKubjLg7eYvV1RMnaqymFs9uI8w6sewAIH
4uGBaUlomqqgdxmJvDs//6UBbVOhFO7uxOA2r/kZq2hz71gzoZt/eGTJiDfouRWA
hBvBh+QhHC3X0QKUjWJtTs3qRVoWp8fGbA0UYtT6a/LH1rq/Bdus9/b6j59u9Ewo
4/DQkLPR2sm6l1ItkeEdO3L7YEzwaIwSs+IXAHiwSv8smQ9X1fS4FQwu5gFPK1LB
spKwkqkz4khfWNbceN3LiYXSST3kyqJTip0gTpfzGFJP/eMkh5cP8Wpgy7u1UFqL
7sp5EjPPf5A5vcYltajErsiUEFSpE8jzuqeTAjWOIQKBgQDiDWeddsboBHtDDQIJ
0LlLbABf0hz0pLYFH5FWXOIumbxEDLrIJ9YOEeAlOFeCnHe6th/NAaLxvCIyTp4I
8SfPpuve+nKXWj+3unSmq5gEAq+PNG9fwx3IRW/wlQIOWq4G/LEMriDd8LHbFmdG
0+HZYs1zU1L/zxBnuX+2sYPxkQKBgQDRbqyTMaSXKd9uMJnIrIAd1rpw69Z5DHcQ
sEXIU8xK4IocIwM7WnF7GhEIYM3K/LGJh8eQVC8frShGX2V6JYtikfWdy9uZVdFL
JOn6YGReSEkjyPXz8sOPl0glu4z+9UUtPPn7s7fxmtEEVQDXXAapQTi+y2REo/rR
x3e1Ckux8wKBgGgNkY9q+D4eqfqAR1rrSA/OpBF3bzqxgtOy5zygvsCCpaWRUn0F
0UNiuRGI8Mc/bOF2Kgc85JtvZTJQ++/TyeaMyHA4Sn0e3sucuUtrGytlbRh3I3kq
IFBqng9ZF7wxw3+V242hraFbxRK7KkjxCTn+f+HBDiiQUNXeDkqzRa/xAoGAFbok
nzSkPaZzbowOODplJDNVrkdZPb+kTo/q/WhsJkx7J4YeXLb6VOoUYEkisG9cv8bd
VkTVirS9G+fjsDNa7YP09kTi6Fp11xTiTT5Yy0s2g0bi9Ub3MNth+cAmVYD+hz3v
NUSkzaThEFD9QFpkuoRwraKOKWzVpZPLAHYr+i8CgYAhqCQs4fyuP2ct9EnQaOMA
FqHTOLYH7D5c8R2zjzkWBCiSEpYug1LyqvJtioBACDQE3zd2ryc24EACtN60kdsi
sSQj/334+YsizjVwpQhuIEq4n+Qj4M8+2KllfQse5bu1NazTqixIslhb/OEylxrk
9AaxBxON4otjO8gfZwE6ww==
-----END PRIVATE KEY-----
`,
  ],
  rsa1024: [
    `-----BEGIN PRIVATE KEY-----
MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAMWObn+xnna0Km6v
kZjYQqEUz3m+MMRPdyA4tf6uKhCbsYVR0lYg0i63cblJ3fO9t+CSq8388YT/58vZ
/heLVDebM+B6GXEBDlNP1UTdDkOnOhps6ceQt5R6b1L1Y7U1vPwnTGq1tF288TIb
LocY1E9AR9rbhE97F5pwb971fj/nAgMBAAECgYEAjdgBUJ/oRhR/7u8SG+sSk/OM
MD41Z44i2zi8u3qzay9Om4mu+vYf0zkVZ1M5EHukXZMR1hmKE9Nly8DeJmt8cBjk
7rHxe3e9EWLs/Iaea8FzFnPmfjOH2XAniXMdd/Cp32fgBInKKoggwqnWKwrRDvrm
8Wj0L7K8nmg0RvlhXUECQQDvdcXI0bgz8INmz305q5GcHcVXCMYCfIH69DRAbA/y
7WdaOFex5hmWEeuklK9EY2FooljTQriEXNCJ1vGhN/wHAkEA0zOzn76hondGK06Q
p2EM6Q3qbPhGOCKu1DzbMsctJWwwfz1db4teaUg0yLbmsXbHVcth8fEUGCjQvYjd
rGhlIQJBAKtf91AUv6b0b6ZJws5eOpSnPc9fKQ8oeoHW+fpNHFD4lOodvq1EB3W+
l42vF4xzL4iJ/9YaPyIDpv+vRDjkb0sCQFUA5RWxOwrRqJs7hrrnM7QFFsn+7vwe
8XCYgbyhL4l1TtuXTijb1gbXue7itlzMqpPcRLKEzgqfOsxd7qI6biECQQDIIMh8
FnfBNKlr2ke+GQqh5+9+NPqSpfmy4g5fqN+qRuuli9+5ck5pfO+mmzqSvNU39KTQ
lFPXAtvH1qV974Lz
-----END PRIVATE KEY-----
`,
  ],
};
