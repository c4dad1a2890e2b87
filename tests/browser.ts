/** Examples in a browser. The contract of the adapters in Chromium takes longer: browser/contract_test.ts. */

import "./browser/data_channel_test.ts";
import "./browser/get_test.ts";
import "./browser/page_client_test.ts";
import "./browser/page_look_test.ts";
import "./browser/page_server_test.ts";
import "./browser/serve_test.ts";
