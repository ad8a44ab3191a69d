/** Complete files of an operator: what is accepted, and the exact problems of the rest. */
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defaultConfig, formatProblem, parseConfig } from '../../src/config/index.ts';

const fixtures = join(import.meta.dir, '../fixtures/config');
const yamlFiles = (folder: string): readonly string[] =>
  readdirSync(join(fixtures, folder))
    .filter((name) => name.endsWith('.yaml'))
    .sort();

const read = (folder: string, name: string): string => readFileSync(join(fixtures, folder, name), 'utf8');

/** What `netevd validate` prints. */
function report(text: string, file: string): string {
  const parsed = parseConfig(text, { file, env: {} });
  const problems = parsed.ok ? [] : parsed.problems;
  return [...problems, ...parsed.warnings].map((problem) => `${formatProblem(problem)}\n`).join('');
}

describe('a configuration file with errors', () => {
  const names = yamlFiles('bad');

  test('is there in more than a hundred kinds', () => {
    expect(names.length).toBeGreaterThan(100);
  });

  test.each(names)('%s is refused with exactly these problems', (name) => {
    const text = read('bad', name);
    expect(parseConfig(text, { file: name, env: {} }).ok).toBe(false);
    expect(report(text, name)).toBe(read('bad', name.replace('.yaml', '.txt')));
  });

  test.each(names)('the problems of %s contain no text of the libraries', (name) => {
    expect(report(read('bad', name), name)).not.toMatch(/invalid input|expected \w+, received|at line \d/i);
  });

  test('has an expectation for each file and a file for each expectation', () => {
    const texts = readdirSync(join(fixtures, 'bad')).filter((name) => name.endsWith('.txt'));
    expect(texts.map((name) => basename(name, '.txt')).sort()).toEqual(
      names.map((name) => basename(name, '.yaml')).sort(),
    );
  });
});

describe('a good file', () => {
  test.each(yamlFiles('good'))('%s is taken, with no warning but for old spellings', (name) => {
    const parsed = parseConfig(read('good', name), { file: name, env: {} });
    expect(parsed.ok ? [] : parsed.problems.map(formatProblem)).toEqual([]);
    const codes = parsed.warnings.map(({ code }) => code);
    expect(codes).toEqual(name.startsWith('first-schema') ? ['NETEVD_CONFIG_DEPRECATED'] : []);
  });

  const nothingSaid = ['empty', 'comments-only', 'empty-map', 'empty-sections', 'commented-out-list'];
  test.each(nothingSaid)('%s.yaml means the defaults', (name) => {
    const parsed = parseConfig(read('good', `${name}.yaml`), { file: name, env: {} });
    expect(parsed.ok && parsed.config).toEqual(defaultConfig());
  });

  test('with every key set differs from the defaults in every section', () => {
    const parsed = parseConfig(read('good', 'everything.yaml'), { file: 'everything', env: {} });
    if (!parsed.ok) throw new Error('it does not parse');
    const standard = defaultConfig();
    for (const [section, keys] of Object.entries(parsed.config)) {
      const before: unknown = Reflect.get(standard, section);
      expect(keys, section).not.toEqual(before);
    }
  });
});
