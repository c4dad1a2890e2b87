/** Examples in a browser. What takes longer is a step of CI: browser/contract_test.ts, browser/page_*_test.ts. */

import "./browser/data_channel_test.ts";
import "./browser/get_test.ts";
import "./browser/serve_test.ts";
