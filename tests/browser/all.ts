/** Every test that needs a browser, in one process; without Chromium they are skipped and say so. */

import "./contract_test.ts";
import "./get_test.ts";
import "./page_client_test.ts";
import "./page_look_test.ts";
import "./page_server_test.ts";
