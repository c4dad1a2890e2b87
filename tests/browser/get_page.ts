/**
 * Gives a page the example examples/browser_get.ts.
 * @module
 */

import { httpsGet } from "../../examples/browser_get.ts";

declare global {
  var getByTls: typeof httpsGet;
}

globalThis.getByTls = httpsGet;
