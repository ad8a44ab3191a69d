import { describe, expect, test } from 'bun:test';
import { completeConfig, describeConfig, readValues, valuesOf } from '../config-values.ts';
import { defaultConfig } from '../load.ts';
import { listKeys } from './key-list.ts';
import { checkFile } from './schema.ts';

describe('the key table', () => {
  const keys = listKeys();

  test('documents every key in whole sentences', () => {
    const bad = keys.filter(({ key }) => !/^.*[a-z0-9").\]]\.$/i.test(key.doc) || key.doc.includes('\n'));
    expect(bad.map(({ path }) => path.join('.'))).toEqual([]);
  });

  test('has an example for every key without a default', () => {
    const bare = keys.filter(({ key }) => key.default === undefined && key.example === undefined);
    expect(bare.map(({ path }) => path.join('.'))).toEqual([]);
  });

  test('overrides a key by one environment variable, named after it, in a section of the top level', () => {
    const variables = keys.flatMap(({ key, path }) =>
      key.environment === undefined ? [] : [[key.environment, path]],
    );
    expect(new Set(variables.map(([variable]) => variable)).size).toBe(variables.length);
    for (const [variable, path] of variables) {
      expect(path).toHaveLength(2);
      expect(variable).toEndWith(`_${path?.at(-1)?.toUpperCase()}`);
    }
  });

  test.each(
    keys
      .filter(({ key }) => key.default !== undefined)
      .map(({ path, key }) => [path.join('.'), key] as const),
  )('reads and writes the default of %s without a change', (_path, key) => {
    expect(key.write(key.read(key.default))).toEqual(key.default);
  });

  test('accepts in a file what describeConfig writes', () => {
    const file = describeConfig(defaultConfig());
    const checked = checkFile(file);
    expect(checked.ok && checked.value).toMatchObject(file);
  });

  test('makes of its values the same configuration again', () => {
    const config = defaultConfig();
    expect(completeConfig(valuesOf(config), {})).toEqual(config);
    expect(completeConfig(readValues(describeConfig(config)), {})).toEqual(config);
  });
});
