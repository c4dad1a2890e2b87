/**
 * Every IANA number of TLS that this library knows, under its registered name.
 * No other file contains a protocol number. A number without a name is legal on the wire: it stays a number.
 * RFC 5246 §6.2.1, §7, A.5; RFC 8422 §5; RFC 6066; RFC 7301; RFC 7627; RFC 5746; RFC 8446 §4; RFC 8701.
 * @module
 */

export const ProtocolVersion = {
  SSLv3: 0x0300,
  TLSv1: 0x0301,
  "TLSv1.1": 0x0302,
  "TLSv1.2": 0x0303,
  "TLSv1.3": 0x0304,
} as const;
/** The name of a version, as node:tls writes it. */
export type ProtocolVersionName = keyof typeof ProtocolVersion;

export const ContentType = {
  change_cipher_spec: 20,
  alert: 21,
  handshake: 22,
  application_data: 23,
} as const;
/** What a record carries. */
export type ContentTypeName = keyof typeof ContentType;

export const HandshakeType = {
  hello_request: 0,
  client_hello: 1,
  server_hello: 2,
  hello_verify_request: 3,
  new_session_ticket: 4,
  certificate: 11,
  server_key_exchange: 12,
  certificate_request: 13,
  server_hello_done: 14,
  certificate_verify: 15,
  client_key_exchange: 16,
  finished: 20,
  certificate_url: 21,
  certificate_status: 22,
} as const;
/** The name of a handshake message. */
export type HandshakeTypeName = keyof typeof HandshakeType;

export const AlertLevel = { warning: 1, fatal: 2 } as const;
/** `warning` or `fatal`. */
export type AlertLevelName = keyof typeof AlertLevel;

/**
 * Alerts (RFC 5246 §7.2, and later RFCs). Of those that are called RESERVED:
 * RFC 5246 §7.2.2 MUST: "It MUST NOT be sent by compliant implementations."
 */
export const AlertDescription = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  decryption_failed_RESERVED: 21,
  record_overflow: 22,
  decompression_failure: 30,
  handshake_failure: 40,
  no_certificate_RESERVED: 41,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  export_restriction_RESERVED: 60,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86,
  user_canceled: 90,
  no_renegotiation: 100,
  missing_extension: 109,
  unsupported_extension: 110,
  certificate_unobtainable: 111,
  unrecognized_name: 112,
  bad_certificate_status_response: 113,
  bad_certificate_hash_value: 114,
  unknown_psk_identity: 115,
  certificate_required: 116,
  no_application_protocol: 120,
} as const;
/** The name of an alert. */
export type AlertDescriptionName = keyof typeof AlertDescription;

export const CompressionMethod = { null: 0 } as const;

export const ExtensionType = {
  server_name: 0,
  max_fragment_length: 1,
  status_request: 5,
  supported_groups: 10,
  ec_point_formats: 11,
  signature_algorithms: 13,
  use_srtp: 14,
  heartbeat: 15,
  application_layer_protocol_negotiation: 16,
  signed_certificate_timestamp: 18,
  padding: 21,
  encrypt_then_mac: 22,
  extended_master_secret: 23,
  compress_certificate: 27,
  record_size_limit: 28,
  session_ticket: 35,
  pre_shared_key: 41,
  early_data: 42,
  supported_versions: 43,
  cookie: 44,
  psk_key_exchange_modes: 45,
  certificate_authorities: 47,
  post_handshake_auth: 49,
  signature_algorithms_cert: 50,
  key_share: 51,
  encrypted_client_hello: 65037,
  renegotiation_info: 65281,
} as const;
export type ExtensionTypeName = keyof typeof ExtensionType;

export const NameType = { host_name: 0 } as const;

/** RFC 6066 §8. */
export const CertificateStatusType = { ocsp: 1 } as const;

/** RFC 6066 §4: code → the largest plaintext of a record, in bytes. */
export const MaxFragmentLength = { "512": 1, "1024": 2, "2048": 3, "4096": 4 } as const;

export const ECPointFormat = { uncompressed: 0, ansiX962_compressed_prime: 1, ansiX962_compressed_char2: 2 } as const;

export const ECCurveType = { explicit_prime: 1, explicit_char2: 2, named_curve: 3 } as const;

/** Groups of the supported_groups extension (RFC 8422 §5.1.1). */
export const NamedGroup = {
  secp256k1: 22,
  secp256r1: 23,
  secp384r1: 24,
  secp521r1: 25,
  x25519: 29,
  x448: 30,
  ffdhe2048: 256,
  ffdhe3072: 257,
  ffdhe4096: 258,
  X25519MLKEM768: 4588,
} as const;
/** The name of a group. */
export type NamedGroupName = keyof typeof NamedGroup;

/**
 * Signature schemes (RFC 8446 §4.2.3): the pairs of hash and signature of RFC 5246 §7.4.1.4.1 as one number.
 * RFC 5246 §7.4.1.4.1 MUST: "It MUST NOT appear in this extension." -- the signature anonymous(0).
 * RFC 8422 §5.10 MUST: "EdDSA signatures MUST have HashAlgorithm of 8 (Intrinsic)."
 */
export const SignatureScheme = {
  rsa_pkcs1_sha1: 0x0201,
  ecdsa_sha1: 0x0203,
  rsa_pkcs1_sha256: 0x0401,
  ecdsa_secp256r1_sha256: 0x0403,
  rsa_pkcs1_sha384: 0x0501,
  ecdsa_secp384r1_sha384: 0x0503,
  rsa_pkcs1_sha512: 0x0601,
  ecdsa_secp521r1_sha512: 0x0603,
  rsa_pss_rsae_sha256: 0x0804,
  rsa_pss_rsae_sha384: 0x0805,
  rsa_pss_rsae_sha512: 0x0806,
  ed25519: 0x0807,
  ed448: 0x0808,
  rsa_pss_pss_sha256: 0x0809,
  rsa_pss_pss_sha384: 0x080a,
  rsa_pss_pss_sha512: 0x080b,
} as const;
/** The name of a signature scheme. */
export type SignatureSchemeName = keyof typeof SignatureScheme;

export const ClientCertificateType = { rsa_sign: 1, dss_sign: 2, ecdsa_sign: 64 } as const;

/** Suites that we negotiate, signalling values, and suites that peers offer and error messages should name. */
export const CipherSuite = {
  TLS_RSA_WITH_3DES_EDE_CBC_SHA: 0x000a,
  TLS_RSA_WITH_AES_128_CBC_SHA: 0x002f,
  TLS_DHE_RSA_WITH_AES_128_CBC_SHA: 0x0033,
  TLS_RSA_WITH_AES_256_CBC_SHA: 0x0035,
  TLS_DHE_RSA_WITH_AES_256_CBC_SHA: 0x0039,
  TLS_RSA_WITH_AES_128_CBC_SHA256: 0x003c,
  TLS_RSA_WITH_AES_256_CBC_SHA256: 0x003d,
  TLS_DHE_RSA_WITH_AES_128_CBC_SHA256: 0x0067,
  TLS_DHE_RSA_WITH_AES_256_CBC_SHA256: 0x006b,
  TLS_RSA_WITH_AES_128_GCM_SHA256: 0x009c,
  TLS_RSA_WITH_AES_256_GCM_SHA384: 0x009d,
  TLS_DHE_RSA_WITH_AES_128_GCM_SHA256: 0x009e,
  TLS_DHE_RSA_WITH_AES_256_GCM_SHA384: 0x009f,
  TLS_EMPTY_RENEGOTIATION_INFO_SCSV: 0x00ff,
  TLS_AES_128_GCM_SHA256: 0x1301,
  TLS_AES_256_GCM_SHA384: 0x1302,
  TLS_CHACHA20_POLY1305_SHA256: 0x1303,
  TLS_FALLBACK_SCSV: 0x5600,
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 0xc009,
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 0xc00a,
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 0xc013,
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 0xc014,
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: 0xc023,
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384: 0xc024,
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: 0xc027,
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384: 0xc028,
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 0xc02b,
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 0xc02c,
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 0xc02f,
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 0xc030,
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 0xcca8,
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 0xcca9,
  TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 0xccaa,
} as const;
/** The name of a cipher suite. */
export type CipherSuiteName = keyof typeof CipherSuite;

/**
 * The registered name of a number in one of the tables above, or `undefined` for a number that has none here.
 *
 * @example
 * registeredName(AlertDescription, 40); // "handshake_failure"
 */
export function registeredName<Name extends string>(
  registry: Readonly<Record<Name, number>>,
  value: number,
): Name | undefined {
  for (const name in registry) if (registry[name] === value) return name;
  return undefined;
}

/** The registered name of a number, or the number in hexadecimal: for messages that people read. */
export function nameOf(registry: Readonly<Record<string, number>>, value: number): string {
  return registeredName(registry, value) ?? (isGrease(value) ? "GREASE" : `0x${value.toString(16).padStart(4, "0")}`);
}

/** RFC 8701 §2: the sixteen reserved values 0x0a0a, 0x1a1a … 0xfafa, which must be ignored. */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}
