import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { clip, escapeControls, escapeControlsExceptLines, escapeJson } from './escape.ts';

describe('escaping', () => {
  const rows: [what: string, given: string, shown: string][] = [
    ['plain words stay', 'eth0 is up', 'eth0 is up'],
    ['letters beyond ASCII stay', 'Büro-Ärger 網路', 'Büro-Ärger 網路'],
    ['a line feed cannot start a line', 'a\nERROR forged', 'a\\nERROR forged'],
    ['a carriage return cannot overwrite', 'a\rb', 'a\\rb'],
    ['a tab cannot shift columns', 'a\tb', 'a\\tb'],
    ['NUL', 'a\0b', 'a\\x00b'],
    ['a colour sequence is shown, not obeyed', '\x1b[31mred', '\\x1b[31mred'],
    ['the one-byte CSI of C1', '\u009b2J', '\\x9b2J'],
    ['DEL', 'a\x7f', 'a\\x7f'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['a reading-direction override', 'a\u202etxt', 'a\\u202etxt'],
    ['an isolate', '\u2066x\u2069', '\\u2066x\\u2069'],
    ['half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
  ];
  for (const [what, given, shown] of rows) {
    test(what, () => {
      expect(escapeControls(given)).toBe(shown);
    });
  }

  test('escaped text never has a control character or a lone surrogate', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = escapeControls(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(shown.isWellFormed()).toBe(true);
      }),
    );
  });

  test('escapeControlsExceptLines keeps line feeds and tabs only', () => {
    expect(escapeControlsExceptLines('one\n\ttwo\r\x1b')).toBe('one\n\ttwo\\r\\x1b');
  });

  test('escaped JSON parses to the same value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = escapeJson(JSON.stringify(text.toWellFormed()));
        expect(json).not.toMatch(/[\p{Cc}\u202e]/u);
        expect(JSON.parse(json)).toBe(text.toWellFormed());
      }),
    );
  });

  test('a long text is cut, with a mark', () => {
    expect(clip('abcdef', 6)).toBe('abcdef');
    expect(clip('abcdefg', 4)).toBe('abcd… (3 more)');
  });
});
