/** What only Bun can run: the adapter for its own sockets, and other peers that it brings. */

import "./adapters/bun_interop_test.ts";
import "./adapters/bun_sockets_test.ts";
import "./adapters/bun_transport_test.ts";
