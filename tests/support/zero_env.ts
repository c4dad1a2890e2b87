/**
 * kleur, inside uvu, reads the environment while it loads, for which Deno would ask a permission.
 * Tests read no environment, so under Deno they get an empty one. To be imported before uvu.
 * @module
 */

const runtime = globalThis as { process?: { env: unknown } };
if ("Deno" in globalThis && runtime.process) {
  Object.defineProperty(runtime.process, "env", { value: {}, configurable: true });
}
