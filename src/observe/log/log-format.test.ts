import { expect, test } from 'bun:test';
import type { LogFormatSetting } from '../../ports/logger.ts';
import { chooseFormat, type LogEnvironment } from './log-format.ts';

const standardError = { device: 8n, inode: 4711n };
const rows: [what: string, setting: LogFormatSetting, around: Partial<LogEnvironment>, chosen: string][] = [
  [
    'the journal, when standard error is its stream',
    'auto',
    { standardError, journalStream: '8:4711' },
    'journal stream',
  ],
  ['JSON, when the variable names another file', 'auto', { standardError, journalStream: '8:4712' }, 'json'],
  [
    'text in colour, when the variable was inherited by a terminal',
    'auto',
    { standardError, journalStream: '9:4711', isTerminal: true },
    'text colour',
  ],
  ['JSON, when the variable is nonsense', 'auto', { standardError, journalStream: '8:4711; rm' }, 'json'],
  ['JSON, when standard error is closed', 'auto', { journalStream: '8:4711' }, 'json'],
  ['text in colour on a terminal', 'auto', { isTerminal: true, term: 'xterm' }, 'text colour'],
  ['text without colour, where NO_COLOR is set', 'auto', { isTerminal: true, noColor: '1' }, 'text'],
  ['colour, where NO_COLOR is empty', 'auto', { isTerminal: true, noColor: '' }, 'text colour'],
  ['text without colour on a dumb terminal', 'auto', { isTerminal: true, term: 'dumb' }, 'text'],
  ['JSON in a pipe', 'auto', { standardError }, 'json'],
  ['what was asked for: text in a pipe has no colour', 'text', { standardError }, 'text'],
  [
    'what was asked for: text for the journal stream',
    'text',
    { standardError, journalStream: '8:4711' },
    'text stream',
  ],
  ['what was asked for: JSON on a terminal', 'json', { isTerminal: true }, 'json colour'],
  [
    'what was asked for: the journal from a terminal',
    'journal',
    { isTerminal: true, noColor: '1' },
    'journal',
  ],
];
for (const [what, setting, around, expected] of rows) {
  test(`the format is ${what}`, () => {
    const { format, colour, toJournalStream } = chooseFormat(setting, { isTerminal: false, ...around });
    expect([format, ...(colour ? ['colour'] : []), ...(toJournalStream ? ['stream'] : [])].join(' ')).toBe(
      expected,
    );
  });
}
