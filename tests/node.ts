/** What only Node can run: commands, files, other implementations, the rules of the tree. */

import "./core.ts";
import "./bench/counts_test.ts";
import "./cli/arguments_test.ts";
import "./cli/connect_test.ts";
import "./cli/demo_test.ts";
import "./cli/failures_test.ts";
import "./cli/openssl_test.ts";
import "./cli/page_test.ts";
import "./cli/relay_test.ts";
import "./cli/serve_test.ts";
import "./cli/story_test.ts";
import "./interop/node_tls_node_test.ts";
import "./interop/openssl_node_test.ts";
import "./layout/compliance_node_test.ts";
import "./layout/imports_node_test.ts";
import "./layout/language_node_test.ts";
import "./layout/package_node_test.ts";
import "./layout/text_node_test.ts";
import "./model/diagram_test.ts";
import "./unit/tls12/key_schedule_node_test.ts";
import "./unit/x509/openssl_node_test.ts";
import "./vectors/wycheproof_node_test.ts";
