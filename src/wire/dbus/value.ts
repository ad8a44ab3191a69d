/**
 * Values of the D-Bus type system (D-Bus Specification, "Type System") as plain data. How each type comes:
 * `y n q i u d` number, `x t` bigint, `b` boolean, `s o g` string, `h` the index as a number, `ay` Uint8Array, other arrays
 * and structs a list, a dictionary a Map, a variant an object that keeps the signature.
 */

export type BusKey = string | number | bigint | boolean;

export interface BusVariant {
  readonly signature: string;
  readonly value: BusValue;
}

export type BusDictionary = ReadonlyMap<BusKey, BusValue>;

export type BusValue = BusKey | Uint8Array | BusVariant | BusDictionary | readonly BusValue[];

/** Arguments of a message. */
export interface BusBody {
  readonly signature: string;
  readonly values: readonly BusValue[];
}

/** Of a message without arguments. */
export const emptyBody: BusBody = Object.freeze({ signature: '', values: [] });

/** What is inside of a variant, however deep; other values as they are. */
export function unwrap(value: BusValue | undefined): BusValue | undefined {
  let inner = value;
  while (isVariant(inner)) inner = inner.value;
  return inner;
}

/** Whether a value bears its own signature. */
export function isVariant(value: BusValue | undefined): value is BusVariant {
  return typeof value === 'object' && 'signature' in value && 'value' in value;
}

/** The text in a value or variant; undefined where it is something else. */
export function textOf(value: BusValue | undefined): string | undefined {
  const inner = unwrap(value);
  return typeof inner === 'string' ? inner : undefined;
}

/** The number in a value or variant; 64-bit ones where a double holds them exactly. */
export function numberOf(value: BusValue | undefined): number | undefined {
  const inner = unwrap(value);
  if (typeof inner === 'number') return inner;
  if (typeof inner !== 'bigint') return undefined;
  const number = Number(inner);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** The boolean in a value or variant; undefined where it is something else. */
export function booleanOf(value: BusValue | undefined): boolean | undefined {
  const inner = unwrap(value);
  return typeof inner === 'boolean' ? inner : undefined;
}

/** The array or struct in a value or variant; undefined where it is something else, bytes too. */
export function listOf(value: BusValue | undefined): readonly BusValue[] | undefined {
  const inner = unwrap(value);
  return Array.isArray(inner) ? inner : undefined;
}

/** The dictionary in a value or variant; undefined where it is something else. */
export function dictionaryOf(value: BusValue | undefined): BusDictionary | undefined {
  const inner = unwrap(value);
  return inner instanceof Map ? inner : undefined;
}

/** The texts in an array; undefined where it is no array, and what is no text is left out. */
export function textsOf(value: BusValue | undefined): readonly string[] | undefined {
  return listOf(value)?.flatMap((each) => textOf(each) ?? []);
}
