/** Every test, in one process. `core.ts` holds those that run in any runtime. */
import "./core.ts";
import "./examples/embedding_node_test.ts";
import "./vectors/wycheproof_node_test.ts";
