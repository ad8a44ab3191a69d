import { describe, expect, test } from 'bun:test';
import {
  type CommandIo,
  columns,
  type OutputFormat,
  outputFormats,
  present,
  withSafeOutput,
} from './output.ts';

/** Everything that a terminal obeys and nobody sees. */
const hostile = [
  '\x1b[31mred',
  '\x1b]0;title\x07',
  '\x9b2J',
  '\x7f',
  'a\rb',
  '\u202egnp',
  '\u2066x',
  '\ufeff',
  '\u2028',
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

function io(isTerminal: boolean): { readonly io: CommandIo; readonly out: string[]; readonly err: string[] } {
  const [out, err]: [string[], string[]] = [[], []];
  const into = (texts: string[]) => ({ write: (text: string) => void texts.push(text) });
  return { io: withSafeOutput({ stdout: into(out), stderr: into(err), isTerminal, env: {} }), out, err };
}

function shown(format: OutputFormat, name: string, isTerminal: boolean): string {
  const ends = io(isTerminal);
  present(ends.io, format, {
    value: { name },
    text: (paint) => `${paint.bad(name)} is a name`,
    table: (paint) =>
      columns([
        ['NAME', 'X'],
        [paint.good(name), name],
      ]),
  });
  return ends.out.join('');
}
const withoutOwnColours = (text: string): string =>
  ['0', '31', '32'].reduce((left, code) => left.replaceAll(`\x1b[${code}m`, ''), text);

describe('what a command prints', () => {
  test.each(outputFormats.flatMap((format) => hostile.map((name) => [format, name] as const)))(
    'as %s has nothing of %j that a terminal obeys',
    (format, name) => {
      expect(shown(format, name, false)).not.toMatch(raw);
      expect(withoutOwnColours(shown(format, name, true))).not.toMatch(raw);
    },
  );

  test('in colour has the colours of the program, and none of a name', () => {
    expect(shown('text', '\x1b[33mx', true)).toBe('\x1b[31m\\u001b[33mx\x1b[0m is a name\n');
  });

  test('as JSON is the same value', () => {
    for (const name of hostile) expect(JSON.parse(shown('json', name, false))).toEqual({ name });
  });

  test('on stderr is safe, too, and keeps its lines', () => {
    const { io: safe, err } = io(true);
    safe.stderr.write(`one\n\ttwo ${hostile.join(' ')}\n`);
    expect(err.join('')).not.toMatch(raw);
    expect(err.join('').split('\n')).toHaveLength(3);
  });
});
