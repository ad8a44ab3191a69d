/**
 * Cheap checks of the shape of a value that was parsed from JSON. They exist beside zod, which costs a start 15 ms and 2 MB, because
 * the journal is read at every start.
 */

/** Whether a value has a shape. Total: never throws, whatever the value. */
export type Shape = (value: unknown) => boolean;

/** One check for each key of `T`: the compiler reports a key that is forgotten. */
export type Keys<T> = { readonly [K in keyof T]-?: Shape };

export const text: Shape = (value) => typeof value === 'string';
export const flag: Shape = (value) => typeof value === 'boolean';
export const isTrue: Shape = (value) => value === true;
export const natural: Shape = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const positive: Shape = (value) => Number.isSafeInteger(value) && (value as number) > 0;
export const finite: Shape = (value) => Number.isFinite(value);

export const oneOf = (values: readonly unknown[]): Shape => {
  const known = new Set(values);
  return (value) => known.has(value);
};

export const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value);

export const either =
  (...shapes: readonly Shape[]): Shape =>
  (value) =>
    shapes.some((shape) => shape(value));

export const list =
  (item: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.every(item);

export const tuple =
  (...items: readonly Shape[]): Shape =>
  (value) =>
    Array.isArray(value) && value.length === items.length && items.every((item, i) => item(value[i]));

/** An object as a dictionary, which may have any keys of its own. */
export const record =
  (item: Shape): Shape =>
  (value) =>
    isObject(value) && Object.values(value).every(item);

/** An object with these keys; what else it has is not looked at. */
export function object<T>(keys: Keys<T>): Shape {
  const entries = Object.entries<Shape>(keys);
  return (value) =>
    isObject(value) &&
    entries.every(([key, shape]) => shape(Object.hasOwn(value, key) ? value[key] : undefined));
}

/** A union, by the value of its `kind`. */
export function union<T extends { readonly kind: string }>(
  shapes: {
    readonly [K in T['kind']]: Shape;
  },
): Shape {
  const byKind = new Map<unknown, Shape>(Object.entries<Shape>(shapes));
  return (value) => isObject(value) && byKind.get(value['kind'])?.(value) === true;
}

/** Narrows to an object that is no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
