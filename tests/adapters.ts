/** Adapters in Node, and the examples that the documentation shows. Other runtimes run theirs by themselves. */

import "./adapters/node_sessions_test.ts";
import "./adapters/node_test.ts";
import "./adapters/node_tls_test.ts";
import "./adapters/options_test.ts";
import "./adapters/pump_test.ts";
import "./adapters/relay_attacks_test.ts";
import "./adapters/relay_gate_test.ts";
import "./adapters/relay_reverse_test.ts";
import "./adapters/relay_secrecy_test.ts";
import "./adapters/relay_test.ts";
import "./adapters/start_tls_test.ts";
import "./adapters/streams_test.ts";
import "./adapters/websocket_socket_test.ts";
import "./adapters/websocket_stream_test.ts";
import "./adapters/websocket_test.ts";
import "./adapters/workerd_streams_test.ts";
import "./examples/custom_transports_node_test.ts";
import "./examples/docs_node_test.ts";
import "./examples/embedding_node_test.ts";
import "./examples/freeze_node_test.ts";
import "./examples/options_node_test.ts";
import "./examples/sessions_node_test.ts";
import "./examples/streams_node_test.ts";
import "./examples/websocket_relay_node_test.ts";
