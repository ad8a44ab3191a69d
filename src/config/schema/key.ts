/** One configuration key, and a group of keys, as entries of the key table. */
import * as z from 'zod/mini';
import type { Feature } from '../feature.ts';

/** Converts between the unit of the file and the unit of the program. */
export interface Unit<File, Value> {
  read(file: File): Value;
  write(value: Value): File;
}

/** What any key has, whatever its type. */
export interface KeyNotes {
  /** Spelling in the file. */
  readonly name: string;
  /** One or more sentences for the reference, the JSON Schema and the sample file. */
  readonly doc: string;
  /** Environment variable that overrides the key. */
  readonly environment?: string;
  /** Part of the daemon without which the key has no effect. */
  readonly needs?: Feature;
  /** A change takes effect at the next start of the daemon. */
  readonly needsRestart?: true;
  /** Value that the sample file shows, commented out, for a key without a default. */
  readonly example?: string;
}

/** A key whose values in the program have the type `Value`. */
export interface Key<Value> extends KeyNotes {
  readonly kind: 'key';
  /** Accepts the value of the file, and fills the default in. */
  readonly schema: z.ZodMiniType;
  /** In the unit of the file; undefined where the key has no default. */
  readonly default: unknown;
  /** From a value that `schema` has accepted. */
  read(file: unknown): Value;
  write(value: Value): unknown;
}

/** A map of keys. */
export interface Group<Values> {
  readonly kind: 'group';
  readonly name: string;
  readonly doc: string;
  readonly keys: Entries<Values>;
}

/** An entry for each property of `Values`, under the property's name. */
export type Entries<Values> = {
  readonly [Property in keyof Values]-?:
    | Key<Values[Property]>
    | (Values[Property] extends object ? Group<Values[Property]> : never);
};

/** Entries of any values. */
export type AnyEntries = Readonly<Record<string, Key<unknown> | Group<unknown>>>;

interface Typed<File> extends KeyNotes {
  readonly type: z.ZodMiniType<File, unknown>;
}
interface WithDefault<File> extends Typed<File> {
  readonly default: File;
}

/** A key with a default. */
export const key = <File>(spec: WithDefault<File>): Key<File> => unitKey({ ...spec, unit: same<File>() });

/** A key with a default whose value has another unit or type in the program. */
export function unitKey<File, Value>(
  spec: WithDefault<File> & { readonly unit: Unit<File, Value> },
): Key<Value> {
  const schema = z._default(spec.type, spec.default as z.core.util.NoUndefined<File>);
  return entry(spec, describe(schema, describeKey(spec)), spec.unit);
}

/** A key with a list or map that may be left empty: `key:` alone means the default. */
export const listKey = <File>(spec: WithDefault<File>): Key<File> =>
  listUnitKey({ ...spec, unit: same<File>() });

/** A `listKey` whose value has another type in the program. */
export function listUnitKey<File, Value>(
  spec: WithDefault<File> & { readonly unit: Unit<File, Value> },
): Key<Value> {
  const schema = orDefault(spec.type, () => spec.default);
  const notes = { default: spec.default, description: describeKey(spec) };
  return entry(spec, schema.register(z.globalRegistry, notes), spec.unit);
}

/** A key without a default. */
export function optionalKey<File>(spec: Typed<File>): Key<File | undefined> {
  const schema = orDefault(spec.type, () => undefined);
  return entry(
    { ...spec, default: undefined },
    describe(schema, describeKey(spec)),
    same<File | undefined>(),
  );
}

/** A map of keys; without a body every key has its default. */
export const group = <Values>(name: string, doc: string, keys: Entries<Values>): Group<Values> => ({
  kind: 'group',
  name,
  doc,
  keys,
});

/** The schema of a group. */
export function groupSchema({ doc, keys }: Group<unknown>): z.ZodMiniType {
  const body = z.strictObject(shapeOf(keys), 'a map of keys');
  return describe(
    orDefault(body, () => z.parse(body, {})),
    doc,
  );
}

/** The schemas of the entries, by their names in the file. */
export const shapeOf = (entries: AnyEntries): Record<string, z.ZodMiniType> =>
  Object.fromEntries(
    Object.values(entries).map((one) => [one.name, one.kind === 'group' ? groupSchema(one) : one.schema]),
  );

/** The documentation of a key with everything that its flags add. */
export function describeKey({ doc, environment, needsRestart }: KeyNotes): string {
  const restart = needsRestart === true ? ' A change needs a restart.' : '';
  return `${doc}${restart}${environment === undefined ? '' : ` Environment: ${environment}.`}`;
}

/** Adds a description to the schema. */
export function describe<Schema extends z.ZodMiniType>(schema: Schema, description: string): Schema {
  z.globalRegistry.add(schema, { description });
  return schema;
}

/** `schema`, or null or nothing at all in its place: then `standard()`. */
export function orDefault<File, Default>(
  schema: z.ZodMiniType<File, unknown>,
  standard: () => Default,
): z.ZodMiniType<NonNullable<File> | Default> {
  return z.pipe(
    z.nullish(schema),
    z.transform((value) => value ?? standard()),
  );
}

function entry<File, Value>(
  spec: Typed<File> & { readonly default: File },
  schema: z.ZodMiniType,
  unit: Unit<File, Value>,
): Key<Value> {
  const { type: _, ...notes } = spec;
  return {
    ...notes,
    kind: 'key',
    schema,
    read: (file) => unit.read(file as File),
    write: (value) => unit.write(value),
  };
}

/** Copies lists, so that no two configurations share one. */
const same = <File>(): Unit<File, File> => ({
  read: (file) => (Array.isArray(file) ? ([...file] as File) : file),
  write: (value) => value,
});
