/**
 * What only Node can run: commands, files, other implementations, the rules of the tree. What judges certificates from
 * outside takes longer, and is a step of CI: judges.ts.
 */

import "./bench/counts_test.ts";
import "./bogo/bogo_node_test.ts";
import "./cli/arguments_test.ts";
import "./cli/connect_rules_test.ts";
import "./cli/connect_test.ts";
import "./cli/demo_test.ts";
import "./cli/failures_test.ts";
import "./cli/openssl_test.ts";
import "./cli/optional_messages_test.ts";
import "./cli/page_test.ts";
import "./cli/relay_test.ts";
import "./cli/serve_test.ts";
import "./cli/sessions_test.ts";
import "./cli/story_test.ts";
import "./cli/verify_output_test.ts";
import "./cli/verify_test.ts";
import "./compliance/alerts_node_test.ts";
import "./examples/certificates_node_test.ts";
import "./interop/node_tls_node_test.ts";
import "./interop/openssl_node_test.ts";
import "./layout/compliance_node_test.ts";
import "./layout/imports_node_test.ts";
import "./layout/language_node_test.ts";
import "./layout/package_node_test.ts";
import "./layout/text_node_test.ts";
import "./model/diagram_test.ts";
import "./unit/crypto/noble_node_test.ts";
import "./unit/roots_node_test.ts";
import "./unit/session/ticket_node_test.ts";
import "./unit/tls12/cbc_records_node_test.ts";
import "./unit/tls12/channel_binding_node_test.ts";
import "./unit/tls12/exporter_node_test.ts";
import "./unit/tls12/key_schedule_node_test.ts";
import "./unit/x509/openssl_node_test.ts";
import "./unit/x509/signed_certificate_timestamps_node_test.ts";
import "./vectors/at_hand_node_test.ts";
