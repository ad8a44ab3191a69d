/**
 * Writes the files that are generated from the key table: netevd.schema.json, the tables of
 * docs/configuration.md and the sample file. Run `bun tools/config-docs.ts` after a change to src/config.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOverrides } from '../src/config/environment-overrides.ts';
import { legacyKeys } from '../src/config/legacy/legacy-keys.ts';
import { configCodes } from '../src/config/problem.ts';
import { isSection, type JsonSchema, jsonSchema, publishedSchema } from '../src/config/schema/json-schema.ts';

import { sampleText } from './sample-config.ts';

const root = join(import.meta.dir, '..');

/** Paths from the root of the project. */
export const schemaFile = 'netevd.schema.json';
export const referenceFile = 'docs/configuration.md';
export const sampleFile = 'examples/netevd.yaml';

export const schemaText = (): string => `${JSON.stringify(publishedSchema(), null, 2)}\n`;

/**
 * `page` with everything between `<!-- begin NAME -->` and `<!-- end NAME -->` replaced by the present
 * tables.
 */
export function referenceText(page: string): string {
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${referenceFile} has no place for the table "${name}"`);
    return `${text.slice(0, from + begin.length)}\n${table()}\n${text.slice(to)}`;
  }, page);
}

const tables: Readonly<Record<string, () => string>> = {
  keys: keyTables,
  environment: environmentTable,
  legacy: legacyTable,
  codes: codeTable,
};

function keyTables(): string {
  const sections = Object.entries(jsonSchema().properties ?? {});
  return sections.map(([name, section]) => sectionTable(name, section)).join('\n\n');
}

function sectionTable(name: string, section: JsonSchema): string {
  const rows = isList(section)
    ? [row(name, section), ...rowsBelow(`${name}[]`, itemOf(section))]
    : rowsBelow(name, section);
  const head = '| key | type | default | meaning |\n|---|---|---|---|';
  return `### ${name}\n\n${section.description}\n\n${head}\n${rows.join('\n')}`;
}

function rowsBelow(path: string, schema: JsonSchema): string[] {
  const map = variants(schema).find(({ properties }) => properties !== undefined);
  return Object.entries(map?.properties ?? {}).flatMap(([key, below]) => {
    const here = `${path}.${key}`;
    const keys = isSection(below) ? rowsBelow(here, below) : [];
    return keys.length > 0 && below.default === undefined && !isRequired(map, key)
      ? keys
      : [row(here, below, isRequired(map, key)), ...keys];
  });
}

const isRequired = (map: JsonSchema | undefined, key: string): boolean =>
  map?.required?.includes(key) === true;

function row(path: string, schema: JsonSchema, isNeeded = false): string {
  const standard = isNeeded ? 'required' : defaultOf(schema);
  const cells = [`\`${path}\``, typeOf(schema), standard, schema.description ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function defaultOf(schema: JsonSchema): string {
  if (schema.default === undefined) return isSection(schema) ? '`{}`' : 'none';
  if (!Array.isArray(schema.default)) return `\`${JSON.stringify(schema.default)}\``;
  return schema.default.length === 0 ? '`[]`' : schema.default.map((item) => `\`${item}\``).join(' ');
}

/** The ways in which a value can be written, except that every list and map can be left empty. */
function variants(schema: JsonSchema): readonly JsonSchema[] {
  if (schema.anyOf === undefined) return [schema];
  return schema.anyOf.flatMap(variants).filter(({ type }) => type !== 'null');
}

const isList = (schema: JsonSchema): boolean => variants(schema).some(({ type }) => type === 'array');
const itemOf = (schema: JsonSchema): JsonSchema =>
  variants(schema).find(({ items }) => items !== undefined)?.items ?? {};

function typeOf(schema: JsonSchema): string {
  return variants(schema).map(typeOfVariant).join(' or ');
}

function typeOfVariant(schema: JsonSchema): string {
  const type = typeof schema.type === 'string' ? schema.type : (schema.type?.[0] ?? 'any');
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (type === 'boolean') return '`true`, `false`';
  if (type === 'array') return 'list';
  if (type === 'object') return 'map';
  if (type === 'string') return 'text';
  const name = type === 'integer' ? 'whole number' : type;
  return schema.minimum === undefined ? name : `${name}, ${schema.minimum} to ${schema.maximum}`;
}

function environmentTable(): string {
  const rows = Object.entries(environmentOverrides).map(
    ([name, path]) => `| \`${name}\` | \`${path.join('.')}\` |`,
  );
  return `| variable | key |\n|---|---|\n${rows.join('\n')}`;
}

function legacyTable(): string {
  const byPlace = Map.groupBy(legacyKeys, ({ to }) => to.join('.'));
  const rows = [...byPlace].map(([to, keys]) => {
    const names = keys.map(({ section, key }) => `\`${section}.${key}\``).join(', ');
    return `| ${names} | \`${to}\` |`;
  });
  return `| was | is |\n|---|---|\n${rows.join('\n')}`;
}

function codeTable(): string {
  const rows = Object.entries(configCodes).map(
    ([code, { meaning, remedy }]) => `| \`${code}\` | ${meaning} | ${remedy} |`,
  );
  return `| code | meaning | remedy |\n|---|---|---|\n${rows.join('\n')}`;
}

if (import.meta.main) {
  writeFileSync(join(root, schemaFile), schemaText());
  writeFileSync(join(root, sampleFile), sampleText());
  const page = join(root, referenceFile);
  writeFileSync(page, referenceText(readFileSync(page, 'utf8')));
}
