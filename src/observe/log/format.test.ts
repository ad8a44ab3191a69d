import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { timestamp } from '../../core/model/ids.ts';
import type { LogFields, LogLevel } from '../../ports/logger.ts';
import { formatJson } from './format-json.ts';
import { encodeSystemdJournal } from './format-systemd-journal.ts';
import { formatText } from './format-text.ts';
import type { LogRecord } from './log-record.ts';
import { messageIds } from './message-ids.ts';

const at = timestamp(Date.UTC(2026, 10, 21, 20, 11, 3, 123));
const record = (message: string, fields: LogFields = {}, level: LogLevel = 'info'): LogRecord => ({
  at,
  level,
  message,
  fields,
});

describe('formatText', () => {
  const rows: [what: string, given: LogRecord, details: boolean, shown: string][] = [
    [
      'shows the link and the message',
      record('carrier lost', { interface: 'eth0' }),
      false,
      'info  eth0: carrier lost',
    ],
    [
      'shows the link once',
      record('eth0: carrier lost', { interface: 'eth0' }),
      false,
      'info  eth0: carrier lost',
    ],
    [
      'omits fields for programs',
      record('up', { seq: 7, event: 'carrier', backend: 'kernel' }),
      false,
      'info  up',
    ],
    [
      'shows fields for programs with details',
      record('up', { seq: 7, event: 'carrier' }),
      true,
      'info  up [seq=7 event=carrier]',
    ],
    [
      'shows fields that the message does not contain',
      record('hook failed', { script: '/etc/netevd/a', exitCode: 3 }, 'warn'),
      false,
      'warn  hook failed [script=/etc/netevd/a exitCode=3]',
    ],
    [
      'quotes a value that could be read as two fields',
      record('x', { output: 'a b=c "d"' }),
      false,
      'info  x [output="a b=c \\"d\\""]',
    ],
    ['quotes an empty value', record('x', { dns: '' }), false, 'info  x [dns=""]'],
    [
      'joins a list',
      record('x', { dns: ['10.0.0.1', '10.0.0.2'] }),
      false,
      'info  x [dns=10.0.0.1,10.0.0.2]',
    ],
    ['leaves out what is not known', record('x', { state: undefined, script: undefined }), true, 'info  x'],
    ['escapes the message', record('name a\nerror eth0: gone'), false, 'info  name a\\nerror eth0: gone'],
    [
      'escapes the name of the link',
      record('up', { interface: 'a\nb\x1b[2J' }),
      false,
      'info  a\\nb\\x1b[2J: up',
    ],
    ['escapes values', record('x', { output: 'a\n"]\nb' }), false, 'info  x [output="a\\n\\"]\\nb"]'],
    ['cuts a long message', record('y'.repeat(5000)), false, `info  ${'y'.repeat(4096)}… (904 more)`],
    [
      'omits the fields for the logger',
      record('x', { repeatKey: 'k', messageId: 'syncLost' }),
      true,
      'info  x',
    ],
  ];
  for (const [what, given, details, shown] of rows) {
    test(what, () => {
      expect(formatText(given, { colour: false, time: 'none', details })).toBe(shown);
    });
  }

  test('a text line has colour on a terminal only', () => {
    const dressed = formatText(record('x', { exitCode: 1 }, 'error'), {
      colour: true,
      time: 'none',
      details: false,
    });
    expect(dressed).toBe('\x1b[1;31merror\x1b[0m x \x1b[2m[exitCode=1]\x1b[0m');
  });

  test('a text line has local time, with the day if it is not on a terminal', () => {
    const pad = (value: number): string => String(value).padStart(2, '0');
    const local = new Date(at);
    const clock = `${pad(local.getHours())}:11:03.123`;
    expect(formatText(record('x'), { colour: false, time: 'clock', details: false })).toBe(
      `${clock} info  x`,
    );
    const day = `${local.getFullYear()}-${pad(local.getMonth() + 1)}-${pad(local.getDate())}`;
    expect(formatText(record('x'), { colour: false, time: 'date', details: false })).toBe(
      `${day} ${clock} info  x`,
    );
  });
});

describe('formatJson', () => {
  const rows: [what: string, given: LogRecord, line: Record<string, unknown>][] = [
    [
      'contains time, level and message',
      record('up'),
      { ts: '2026-11-21T20:11:03.123Z', level: 'info', message: 'up' },
    ],
    [
      'converts field names to snake case',
      record('x', { durationMs: 3, exitCode: 1 }),
      { duration_ms: 3, exit_code: 1 },
    ],
    [
      'renames a field with a reserved name',
      record('x', { level: 'y', ts: 1 }),
      { level: 'info', level_: 'y', ts_: 1 },
    ],
    [
      'carries the message id',
      record('x', { messageId: 'hookFailed' }),
      { message_id: messageIds.hookFailed },
    ],
    [
      'converts numbers that JSON cannot represent to text',
      record('x', { a: Number.NaN, b: 2n ** 60n, c: 5n }),
      { a: 'NaN', b: '1152921504606846976', c: 5 },
    ],
    ['carries lists', record('x', { dns: ['a', 'b'] }), { dns: ['a', 'b'] }],
    ['replaces half a surrogate pair', record('x', { name: '\udc00' }), { name: '\ufffd' }],
  ];
  for (const [what, given, line] of rows) {
    test(what, () => {
      expect(JSON.parse(formatJson(given))).toMatchObject(line);
    });
  }

  test('a JSON line is one line of visible characters', () => {
    expect(formatJson(record('a\nb\x1b[2J\u009b\u202e'))).toContain('"a\\nb\\u001b[2J\\u009b\\u202e"');
  });
});

/** Reads a datagram as journald does: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/ */
function readJournal(bytes: Uint8Array): [string, string][] {
  const fields: [string, string][] = [];
  const text = (from: number, to: number): string =>
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(from, to));
  let offset = 0;
  while (offset < bytes.length) {
    const end = bytes.indexOf(0x0a, offset);
    const line = text(offset, end);
    const equals = line.indexOf('=');
    if (equals >= 0) {
      fields.push([line.slice(0, equals), line.slice(equals + 1)]);
      offset = end + 1;
      continue;
    }
    const size = Number(new DataView(bytes.buffer, bytes.byteOffset + end + 1, 8).getBigUint64(0, true));
    expect(bytes[end + 9 + size]).toBe(0x0a);
    fields.push([line, text(end + 9, end + 9 + size)]);
    offset = end + 10 + size;
  }
  return fields;
}

describe('encodeSystemdJournal', () => {
  test('a datagram has the bytes that the protocol demands', () => {
    const bytes = encodeSystemdJournal({
      ...record('x', { interface: 'eth0', output: 'é\n' }),
      site: { file: 'a.ts', line: 3 },
    });
    expect(new TextDecoder('latin1').decode(bytes)).toBe(
      'MESSAGE=eth0: x [output="Ã©\\n"]\nPRIORITY=6\nSYSLOG_IDENTIFIER=netevd\nSYSLOG_FACILITY=3\nLEVEL=info\n' +
        'CODE_FILE=a.ts\nCODE_LINE=3\nINTERFACE=eth0\nOUTPUT\n\x03\0\0\0\0\0\0\0Ã©\n\n',
    );
  });

  const rows: [what: string, given: LogRecord, fields: [string, string][]][] = [
    [
      'contains the documented fields',
      record('x', { interface: 'eth0', event: 'routable', state: 'routable', backend: 'kernel', seq: 9 }),
      [
        ['INTERFACE', 'eth0'],
        ['EVENT', 'routable'],
        ['STATE', 'routable'],
        ['BACKEND', 'kernel'],
        ['SEQ', '9'],
      ],
    ],
    [
      'contains the message id',
      record('x', { messageId: 'syncLost' }),
      [['MESSAGE_ID', messageIds.syncLost]],
    ],
    [
      'converts a list to one field for each item',
      record('x', { dns: ['a', 'b'] }),
      [
        ['DNS', 'a'],
        ['DNS', 'b'],
      ],
    ],
    [
      'renames a field with a reserved name',
      record('x', { priority: 0, message: 'y' }),
      [
        ['PRIORITY', '6'],
        ['NETEVD_PRIORITY', '0'],
        ['NETEVD_MESSAGE', 'y'],
      ],
    ],
    [
      'renames a field that looks like a trusted one',
      record('x', { _pid: 1, '9lives': 2 }),
      [
        ['NETEVD__PID', '1'],
        ['NETEVD_9LIVES', '2'],
      ],
    ],
    ['keeps the message on its line', record('a\nPRIORITY=0'), [['MESSAGE', 'a\\nPRIORITY=0']]],
    [
      'keeps a value with several lines',
      record('x', { output: 'a\nPRIORITY=0\n' }),
      [['OUTPUT', 'a\nPRIORITY=0\n']],
    ],
    ['shows other controls', record('x', { output: 'a\x1b[2J\0' }), [['OUTPUT', 'a\\x1b[2J\\x00']]],
  ];
  for (const [what, given, fields] of rows) {
    test(what, () => {
      expect(readJournal(encodeSystemdJournal(given))).toEqual(expect.arrayContaining(fields));
    });
  }

  test('maps levels to syslog priorities', () => {
    const levels: LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];
    const priorities = levels.map((level) =>
      new Map(readJournal(encodeSystemdJournal(record('x', {}, level)))).get('PRIORITY'),
    );
    expect(priorities).toEqual(['7', '7', '6', '4', '3']);
  });

  test('a datagram has one message, one priority and valid names for any fields', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean());
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.dictionary(fc.string(), value),
        (message, { interface: _, messageId: __, ...fields }) => {
          const read = readJournal(encodeSystemdJournal(record(message, fields)));
          for (const only of ['MESSAGE', 'PRIORITY', 'SYSLOG_IDENTIFIER']) {
            expect(read.filter(([name]) => name === only)).toHaveLength(1);
          }
          for (const [name] of read) expect(name).toMatch(/^[A-Z][A-Z0-9_]{0,63}$/);
        },
      ),
    );
  });

  test('a datagram with a lower limit is smaller', () => {
    const long = record('x', { output: 'ü'.repeat(1_000_000), list: new Array(1000).fill('y'.repeat(9000)) });
    expect(encodeSystemdJournal(long, 512).length).toBeLessThan(8000);
  });
});

test('message ids are different', () => {
  const ids = Object.values(messageIds);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});
