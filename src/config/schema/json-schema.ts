/** JSON Schema of the configuration file, generated from the key table. */
import * as z from 'zod/mini';
import { legacyKeys } from '../legacy/legacy-keys.ts';
import { checkFile, configFileSchema } from './schema.ts';

/** The part of JSON Schema (draft 2020-12) that this file generates. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly deprecated?: boolean;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
}

/** The schema of the present keys, every default filled in. */
export function jsonSchema(): JsonSchema {
  const generated = z.toJSONSchema(configFileSchema, { io: 'input' }) as JsonSchema;
  const empty = checkFile({});
  if (!empty.ok) throw new Error('the defaults do not pass their own schema');
  return withDefaults(generated, empty.value);
}

/** The published schema: includes the keys of the first schema, marked deprecated. */
export function publishedSchema(): JsonSchema {
  const { $schema = '', ...schema } = jsonSchema();
  const title = 'netevd.yaml';
  const description = 'Configuration of netevd, the network event daemon.';
  return { $schema, title, description, ...withLegacy(schema) };
}

/** Changes the properties of a map. A section may be empty, so that its keys are in one of two variants. */
function mapProperties(
  schema: JsonSchema,
  change: (properties: Readonly<Record<string, JsonSchema>>) => Readonly<Record<string, JsonSchema>>,
): JsonSchema {
  if (schema.properties !== undefined) return { ...schema, properties: change(schema.properties) };
  if (schema.anyOf === undefined) return schema;
  return { ...schema, anyOf: schema.anyOf.map((variant) => mapProperties(variant, change)) };
}

function withDefaults(schema: JsonSchema, standard: unknown): JsonSchema {
  return mapProperties(schema, (properties) => {
    const entries = Object.entries(properties).map(([key, below]): [string, JsonSchema] => {
      const value: unknown = isObject(standard) ? Reflect.get(standard, key) : undefined;
      return [key, isSection(below) ? withDefaults(below, value) : withDefault(below, value)];
    });
    return Object.fromEntries(entries);
  });
}

const withDefault = (schema: JsonSchema, value: unknown): JsonSchema =>
  value === undefined ? schema : { ...schema, default: value };

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Whether a key has named keys below it. */
export function isSection(schema: JsonSchema): boolean {
  return schema.properties !== undefined || (schema.anyOf ?? []).some(isSection);
}

/** The schema of the key at `path`; undefined where there is none. */
export function schemaAt(schema: JsonSchema, path: readonly string[]): JsonSchema | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  for (const variant of [schema, ...(schema.anyOf ?? [])]) {
    const below = variant.properties?.[key];
    if (below !== undefined) return schemaAt(below, rest);
  }
  return undefined;
}

function withLegacy(schema: JsonSchema): JsonSchema {
  const old = (section: string): [string, JsonSchema][] =>
    legacyKeys.filter((legacy) => legacy.section === section).map(({ key, to }) => [key, oldKey(schema, to)]);
  const network: JsonSchema = {
    deprecated: true,
    description: 'The first schema; every key has moved.',
    anyOf: [
      { type: 'object', properties: Object.fromEntries(old('network')), additionalProperties: false },
      { type: 'null' },
    ],
  };
  return mapProperties(schema, (sections) => {
    const withOld = Object.entries(sections).map(([name, section]): [string, JsonSchema] => {
      if (name !== 'system') return [name, section];
      return [name, mapProperties(section, (keys) => ({ ...keys, ...Object.fromEntries(old(name)) }))];
    });
    return { ...Object.fromEntries(withOld), network };
  });
}

function oldKey(schema: JsonSchema, to: readonly string[]): JsonSchema {
  const { default: _, ...present } = schemaAt(schema, to) ?? {};
  return { ...present, deprecated: true, description: `Now ${to.join('.')}.` };
}
