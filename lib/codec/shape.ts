/**
 * Plain data as JSON, described once for both directions: a shape writes a value as JSON, and proves that JSON which
 * comes from anywhere is exactly such a value. Bytes are base64. What is `undefined` is left out.
 * Enters: values, or JSON that nobody has looked at. Leaves: the other of the two, or TlsUsageError that says where it is
 * wrong: it tells kinds, lengths and names, and never shows what may be secret.
 * @module
 */

import { TlsUsageError } from "../error.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** What JSON can say in braces. */
export interface JsonObject {
  readonly [name: string]: Json;
}

export interface Shape<Value> {
  freeze(value: Value): Json;
  /** `where` names the place in errors: `known.offer.clientRandom`. Throws TlsUsageError. */
  thaw(json: unknown, where: string): Value;
}

/** The shape of an object with fixed fields. */
export interface RecordShape<Fields> extends Shape<Fields> {
  freeze(value: Fields): JsonObject;
}

/** `true` or `false`. */
export const flag: Shape<boolean> = leaf("true or false", (json): json is boolean => typeof json === "boolean");

/** A number that is exact and whole. */
export function whole(min: number, max: number): Shape<number> {
  return leaf(
    `a whole number from ${min} to ${max}`,
    (json): json is number => Number.isSafeInteger(json) && Number(json) >= min && Number(json) <= max,
  );
}

/** A time in milliseconds, of which clocks may tell fractions. */
export const time: Shape<number> = leaf(
  "a time in milliseconds",
  (json): json is number => typeof json === "number" && Number.isFinite(json),
);

/** Text of up to so many UTF-16 units. */
export function text(maxLength: number): Shape<string> {
  return leaf(
    `text of up to ${maxLength} characters`,
    (json): json is string => typeof json === "string" && json.length <= maxLength,
  );
}

/** One of these names. */
export function oneOf<Name extends string>(names: readonly Name[], what: string): Shape<Name> {
  return {
    freeze: (name) => name,
    thaw: (json, where) => {
      if (typeof json !== "string") throw wrong(where, what, json);
      const found = names.find((name) => name === json);
      if (found !== undefined) return found;
      throw new TlsUsageError(`Cannot thaw: ${where} is ${JSON.stringify(json.slice(0, 80))}, which is not ${what}`);
    },
  };
}

/** One of the names in a registry. */
export function nameIn<Name extends string>(registry: Readonly<Record<Name, unknown>>, what: string): Shape<Name> {
  return oneOf(Object.keys(registry).filter((name) => isIn(registry, name)), what);
}

/** JSON that somebody else looks at. */
export const unread: Shape<Json> = {
  freeze: (json) => json,
  thaw: (json, where) => {
    if (isJson(json)) return json;
    throw wrong(where, "JSON", json);
  },
};

/** So many bytes, as base64. */
export function bytes(min: number, max: number): Shape<Uint8Array<ArrayBuffer>> {
  const what = min === max ? `${min} bytes as base64` : `${min} to ${max} bytes as base64`;
  return {
    freeze: encodeBase64,
    thaw: (json, where) => {
      if (typeof json !== "string") throw wrong(where, what, json);
      const decoded = decodeBase64(json);
      if (decoded === undefined) throw new TlsUsageError(`Cannot thaw: ${where} must be ${what}, and is no base64`);
      if (decoded.length >= min && decoded.length <= max) return decoded;
      throw new TlsUsageError(`Cannot thaw: ${where} must be ${what}, not ${decoded.length}`);
    },
  };
}

/** Up to so many of them, in order. */
export function list<Element>(element: Shape<Element>, maxLength: number): Shape<readonly Element[]> {
  return {
    freeze: (elements) => elements.map((one) => element.freeze(one)),
    thaw: (json, where) => {
      if (!Array.isArray(json)) throw wrong(where, "a list", json);
      if (json.length > maxLength) {
        throw new TlsUsageError(`Cannot thaw: ${where} is a list of ${json.length}, which is more than ${maxLength}`);
      }
      return Array.from<unknown, Element>(json, (one, index) => element.thaw(one, `${where}[${index}]`));
    },
  };
}

/** These fields and no others; a field may only be missing where its shape is `maybe`. */
export function record<Fields extends object>(
  fields: { readonly [Name in keyof Fields]-?: Shape<Fields[Name]> },
): RecordShape<Fields> {
  return {
    freeze: (value) => {
      const json: Record<string, Json> = {};
      for (const name in fields) if (value[name] !== undefined) json[name] = fields[name].freeze(value[name]);
      return json;
    },
    thaw: (json, where) => {
      if (!isObject(json)) throw wrong(where, "an object", json);
      for (const name of Object.keys(json)) {
        if (!Object.hasOwn(fields, name)) throw new TlsUsageError(noSuchField(name, where, Object.keys(fields)));
      }
      const value: Partial<Fields> = {};
      for (const name in fields) {
        value[name] = fields[name].thaw(Object.hasOwn(json, name) ? json[name] : undefined, `${where}.${name}`);
      }
      if (isWhole(value, fields)) return value;
      throw wrong(where, "whole", json);
    },
  };
}

/** A field that may be missing: it is `undefined` then. */
export function maybe<Value>(shape: Shape<Value>): Shape<Value | undefined> {
  return {
    freeze: (value) => value === undefined ? null : shape.freeze(value),
    thaw: (json, where) => json === undefined ? undefined : shape.thaw(json, where),
  };
}

/** Objects whose field `type` says which of the shapes they have. */
export function union<Value extends { readonly type: string }>(
  shapes: { readonly [Type in Value["type"]]: Shape<Value> },
): Shape<Value> {
  const type = nameIn<Value["type"]>(shapes, `one of ${Object.keys(shapes).join(", ")}`);
  const shapeOf = (name: Value["type"]): Shape<Value> => shapes[name];
  return {
    freeze: (value) => shapeOf(value.type).freeze(value),
    thaw: (json, where) => {
      if (!isObject(json)) throw wrong(where, "an object", json);
      return shapeOf(type.thaw(Object.hasOwn(json, "type") ? json.type : undefined, `${where}.type`)).thaw(json, where);
    },
  };
}

/** What has another form in memory than as JSON. `thaw` may throw TlsUsageError. */
export function mapped<Value, Form>(
  shape: Shape<Form>,
  map: { readonly freeze: (value: Value) => Form; readonly thaw: (form: Form, where: string) => Value },
): Shape<Value> {
  return {
    freeze: (value) => shape.freeze(map.freeze(value)),
    thaw: (json, where) => map.thaw(shape.thaw(json, where), where),
  };
}

/** What must hold beyond its shape: `fault` says what doesn't (`has … `, `is …`). */
export function checked<Value>(shape: Shape<Value>, fault: (value: Value) => string | undefined): Shape<Value> {
  return mapped<Value, Value>(shape, {
    freeze: (value) => value,
    thaw: (value, where) => {
      const words = fault(value);
      if (words !== undefined) throw new TlsUsageError(`Cannot thaw: ${where} ${words}`);
      return value;
    },
  });
}

function leaf<Value extends Json>(what: string, is: (json: unknown) => json is Value): Shape<Value> {
  return {
    freeze: (value) => value,
    thaw: (json, where) => {
      if (is(json)) return json;
      throw wrong(where, what, json);
    },
  };
}

function isIn<Name extends string>(names: Readonly<Record<Name, unknown>>, name: string): name is Name {
  return Object.hasOwn(names, name);
}

/** Not deeply: whoever reads it looks at what is inside. */
function isJson(json: unknown): json is Json {
  return ["string", "number", "boolean", "object"].includes(typeof json);
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function isWhole<Fields>(
  value: Partial<Fields>,
  fields: { readonly [Name in keyof Fields]: unknown },
): value is Fields {
  return Object.keys(fields).every((name) => Object.hasOwn(value, name));
}

function noSuchField(name: string, where: string, names: readonly string[]): string {
  return `Cannot thaw: there is no ${JSON.stringify(name.slice(0, 80))} in ${where} (there are ${names.join(", ")})`;
}

function wrong(where: string, what: string, json: unknown): TlsUsageError {
  if (json === undefined) return new TlsUsageError(`Cannot thaw: ${where} is missing, and must be ${what}`);
  return new TlsUsageError(`Cannot thaw: ${where} must be ${what}, not ${kindOf(json)}`);
}

function kindOf(json: unknown): string {
  if (json === null || typeof json === "boolean" || typeof json === "number") return String(json);
  if (typeof json === "string") return `text of ${json.length} characters`;
  return Array.isArray(json) ? "a list" : typeof json === "object" ? "an object" : `a ${typeof json}`;
}
