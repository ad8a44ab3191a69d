import { expect, test } from 'bun:test';
import { tomlLines, yamlLines } from './key-lines.ts';

test('tomlLines returns the line of each table and key', () => {
  const text = [
    '# [no]',
    '[System]',
    'LogLevel = "x" # a = 1',
    '"Quoted" = 1',
    '',
    '[ Net . Work ]',
    'a=1',
  ].join('\n');
  expect([...tomlLines(text)]).toEqual([
    ['system', 2],
    ['system.loglevel', 3],
    ['system.quoted', 4],
    ['net.work', 6],
    ['net.work.a', 7],
  ]);
});

test('text within a string of several lines is no key', () => {
  const lines = tomlLines('[a]\nx = """\ny = 1\n[b]\n"""\nz = 2\nw = \'\'\'one\'\'\'\nv = 1');
  expect([...lines.keys()]).toEqual(['a', 'a.x', 'a.z', 'a.w', 'a.v']);
});

test('the first of two equal keys counts', () => {
  expect(tomlLines('a = 1\na = 2').get('a')).toBe(1);
});

test('yamlLines returns the lines of keys of YAML and JSON', () => {
  expect([...yamlLines('System:\n  LogLevel: a\n# words\nNetwork: {Links: [x],\n  b: 1}')]).toEqual([
    ['system', 1],
    ['system.loglevel', 2],
    ['network', 4],
    ['network.links', 4],
    ['network.b', 5],
  ]);
  expect([...yamlLines('{"a": {"B": 1}}').keys()]).toEqual(['a', 'a.b']);
  for (const text of ['', '- a', 'a: [', '? [a]\n: b']) expect(yamlLines(text).size).toBeLessThan(2);
});
