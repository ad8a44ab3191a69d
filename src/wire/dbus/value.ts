/**
 * Values of the D-Bus type system (D-Bus Specification, "Type System") as plain data. The types map to: `y n
 * q i u d` number, `x t` bigint, `b` boolean, `s o g` string, `h` the index as a number, `ay` Uint8Array,
 * other arrays and structs a list, a dictionary a Map, a variant an object that keeps the signature.
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

/** The body of a message without arguments. */
export const emptyBody: BusBody = Object.freeze({ signature: '', values: [] });

/** Returns the value inside of nested variants; other values unchanged. */
export function unwrap(value: BusValue | undefined): BusValue | undefined {
  let inner = value;
  while (isVariant(inner)) inner = inner.value;
  return inner;
}

/** Whether a value is a variant, which has its own signature. */
export function isVariant(value: BusValue | undefined): value is BusVariant {
  return typeof value === 'object' && 'signature' in value && 'value' in value;
}

/** Returns the text in a value or variant; undefined for other types. */
export function textOf(value: BusValue | undefined): string | undefined {
  const inner = unwrap(value);
  return typeof inner === 'string' ? inner : undefined;
}

/** Returns the number in a value or variant; a 64-bit one only if a double can represent it. */
export function numberOf(value: BusValue | undefined): number | undefined {
  const inner = unwrap(value);
  if (typeof inner === 'number') return inner;
  if (typeof inner !== 'bigint') return undefined;
  const number = Number(inner);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Returns the boolean in a value or variant; undefined for other types. */
export function booleanOf(value: BusValue | undefined): boolean | undefined {
  const inner = unwrap(value);
  return typeof inner === 'boolean' ? inner : undefined;
}

/** Returns the array or struct in a value or variant; undefined for other types, including bytes. */
export function listOf(value: BusValue | undefined): readonly BusValue[] | undefined {
  const inner = unwrap(value);
  return Array.isArray(inner) ? inner : undefined;
}

/** Returns the dictionary in a value or variant; undefined for other types. */
export function dictionaryOf(value: BusValue | undefined): BusDictionary | undefined {
  const inner = unwrap(value);
  return inner instanceof Map ? inner : undefined;
}

/** Returns the texts in an array without other elements; undefined for other types. */
export function textsOf(value: BusValue | undefined): readonly string[] | undefined {
  return listOf(value)?.flatMap((each) => textOf(each) ?? []);
}
