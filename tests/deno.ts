/** What only Deno can run: the adapter for its own connections, beside Deno's own TLS. */

import "./adapters/deno_alike_test.ts";
import "./adapters/deno_conn_test.ts";
import "./adapters/deno_contract_test.ts";
import "./adapters/deno_example_test.ts";
import "./adapters/deno_listener_test.ts";
import "./adapters/deno_peers_test.ts";
