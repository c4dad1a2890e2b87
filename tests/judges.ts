/**
 * Certificates and signatures before judges from outside: vectors (x509-limbo, Wycheproof), OpenSSL, Go, @peculiar/x509, and
 * chance. A step of CI, because it takes longer than `npm test` may.
 */

import "./chains/differential_node_test.ts";
import "./cli/verify_openssl_test.ts";
import "./hostile/certificates_node_test.ts";
import "./hostile/certificates_test.ts";
import "./limbo/limbo_node_test.ts";
import "./unit/x509/crl_openssl_node_test.ts";
import "./unit/x509/foreign_chains_node_test.ts";
import "./unit/x509/issue_openssl_node_test.ts";
import "./unit/x509/issue_peculiar_node_test.ts";
import "./unit/x509/names_node_test.ts";
import "./unit/x509/ocsp_openssl_node_test.ts";
import "./unit/x509/policy_graph_node_test.ts";
import "./vectors/wycheproof_certificates_node_test.ts";
import "./vectors/wycheproof_node_test.ts";
