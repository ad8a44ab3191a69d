/** The published schema, sample and pages agree with the program. */
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { defaultConfig, formatProblem, parseConfig } from '../../src/config/index.ts';
import { referenceFile, referenceText, sampleFile, schemaFile, schemaText } from '../../tools/config-docs.ts';
import { sampleText } from '../../tools/sample-config.ts';

const root = join(import.meta.dir, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const isValid = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(
  JSON.parse(read(schemaFile)),
);

const fixtures = (folder: string): readonly string[] =>
  readdirSync(join(root, 'test/fixtures/config', folder))
    .filter((name) => name.endsWith('.yaml') && !name.startsWith('syntax-'))
    .sort();

/** As an editor's YAML support hands it to a validator: an empty document is no map. */
const content = (folder: string, name: string): unknown =>
  parse(read(`test/fixtures/config/${folder}/${name}`).replace(/^\ufeff/, ''), { uniqueKeys: false }) ?? {};

describe('the JSON Schema', () => {
  test('is the one that the definition yields (bun tools/config-docs.ts)', () => {
    expect(read(schemaFile)).toBe(schemaText());
  });

  test.each(fixtures('good'))('takes good/%s', (name) => {
    isValid(content('good', name));
    expect(isValid.errors ?? []).toEqual([]);
  });

  /**
   * What a schema cannot say: the grammar of globs and conditions, what several keys mean together,
   * duplicates.
   */
  const beyond = [
    /^combination-(?!beside)/,
    /^condition-(?!empty)/,
    /^duplicate-/,
    /^filter-scripts-without-execute/,
    /^legacy-both-spellings/,
    /^value-bind-address-(bad|port)/,
    /^value-glob(?!\.)/,
    /^value-name-too-long/,
  ];
  test.each(fixtures('bad'))('refuses bad/%s, unless it is beyond a schema', (name) => {
    expect(isValid(content('bad', name)) === true).toBe(beyond.some((pattern) => pattern.test(name)));
  });

  test('takes the configurations of both documents', () => {
    const blocks = [...read('test/fixtures/seeds/S0.md').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)];
    const texts = blocks.map((match) => match[1] ?? '');
    const s1 = /^# \/etc\/netevd\/netevd\.yaml\n[\s\S]*?^ {2}networkmanager: \{\}$/m;
    texts.push(s1.exec(read('test/fixtures/seeds/S1.md'))?.[0] ?? '');
    expect(texts.map((text) => isValid(parse(text)))).toEqual([true, true, true, true, true, true, true]);
  });

  test('has a description for every key', () => {
    const bare: string[] = [];
    const visit = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, below] of Object.entries(schema)) {
        if (key !== 'properties') {
          visit(below, path);
          continue;
        }
        for (const [name, property] of Object.entries(below as Readonly<Record<string, object>>)) {
          if (!('description' in property)) bare.push(`${path}.${name}`);
          visit(property, `${path}.${name}`);
        }
      }
    };
    visit(JSON.parse(read(schemaFile)), '');
    expect(bare).toEqual([]);
  });
});

describe('the sample configuration', () => {
  const sample = read(sampleFile);

  test('the sample configuration is the one that the key table yields (bun tools/config-docs.ts)', () => {
    expect(sample).toBe(sampleText());
  });

  test('changes nothing as it is', () => {
    const parsed = parseConfig(sample, { file: 'netevd.yaml', env: {} });
    expect(parsed.ok ? [] : parsed.problems.map(formatProblem)).toEqual([]);
    expect(parsed.warnings).toEqual([]);
    expect(parsed.ok && parsed.config).toEqual(defaultConfig());
  });

  test('is valid to an editor', () => {
    expect(isValid(parse(sample))).toBe(true);
  });

  test('the sample configuration shows every key', () => {
    const keys = [...read(referenceFile).matchAll(/^\| `([a-z_.[\]]+)` \|/gm)].map((match) => match[1] ?? '');
    const names = keys.filter((key) => key.includes('.')).map((key) => key.split('.').at(-1) ?? '');
    expect(names.length).toBeGreaterThan(45);
    const missing = names.filter((name) => !new RegExp(`^\\s*(#\\s+)?(- )?${name}:`, 'm').test(sample));
    const matchKeys = ['interface', 'ip_family', 'backend'];
    expect(missing.filter((name) => !matchKeys.includes(name))).toEqual([]);
  });

  test('stays right with its commented lines turned on', () => {
    const on = sample
      .replaceAll(/^( *)# (socket|token_file|cert_file|key_file|runtime_directory):/gm, '$1$2:')
      .replace('filters: []\n', '')
      .replaceAll(
        /^# {1,3}(filters:| {0,8}(?:- )?(?:match_rule|interface_pattern|event_type|condition|action|scripts):.*)/gm,
        (line) => line.slice(2),
      );
    const parsed = parseConfig(on, { file: 'netevd.yaml', env: {} });
    expect(parsed.ok ? [] : parsed.problems.map(formatProblem)).toEqual([]);
    expect(parsed.ok && parsed.config.filters.length).toBe(2);
    expect(parsed.ok && parsed.config.api.tokenFile).toBe('/etc/netevd/token');
  });
});

describe('the reference', () => {
  const page = read(referenceFile);

  test('has the tables that the definition yields (bun tools/config-docs.ts)', () => {
    expect(page).toBe(referenceText(page));
  });

  test('shows messages as they are', () => {
    const file = '/etc/netevd/netevd.yaml';
    const text = [
      'system:',
      '  log_level: "warning"',
      'hooks:',
      '  timout_sec: 5',
      '',
      '',
      'filters:',
      '  - match_rule:',
      '      condition: dns_count >= many',
      '    action: ignore',
    ].join('\n');
    const parsed = parseConfig(text, { file, env: {} });
    const shown = /^```\n(\/etc[\s\S]*?)\n```$/m.exec(page)?.[1];
    expect(parsed.ok ? '' : parsed.problems.map(formatProblem).join('\n')).toBe(shown ?? 'nothing');
  });

  test('has an example of a filter that is taken', () => {
    const example = /^```yaml\n(filters:[\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
    const parsed = parseConfig(example, { file: 'example', env: {} });
    expect(parsed.ok && parsed.config.filters.length).toBe(1);
  });
});
