/** Every test, in one process. `core.ts` holds those that run in any runtime. */
import "./core.ts";
