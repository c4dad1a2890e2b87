/**
 * Metadata about classes, as the decorators within @peculiar/x509 want to have it in `Reflect`: that package asks whoever
 * uses it to bring a polyfill along. This one knows classes only, not their members. Import it before that package.
 * @module
 */

const known = new WeakMap<object, Map<unknown, unknown>>();

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const own = known.get(target) ?? new Map<unknown, unknown>();
  known.set(target, own.set(key, value));
}

function getOwnMetadata(key: unknown, target: object): unknown {
  return known.get(target)?.get(key);
}

function getMetadata(key: unknown, target: object): unknown {
  for (let each: object | null = target; each !== null; each = Reflect.getPrototypeOf(each)) {
    if (known.get(each)?.has(key)) return known.get(each)?.get(key);
  }
  return undefined;
}

function metadata(key: unknown, value: unknown): (target: object, member?: unknown) => void {
  return (target, member) => {
    if (member === undefined) defineMetadata(key, value, target);
  };
}

Object.assign(Reflect, { defineMetadata, getOwnMetadata, getMetadata, metadata });
