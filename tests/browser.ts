/** Examples in a browser. Two take longer, and are steps of CI: browser/contract_test.ts, browser/page_look_test.ts. */

import "./browser/data_channel_test.ts";
import "./browser/get_test.ts";
import "./browser/page_client_test.ts";
import "./browser/page_server_test.ts";
import "./browser/serve_test.ts";
