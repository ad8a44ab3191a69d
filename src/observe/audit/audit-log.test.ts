import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { FakeLogDirectory } from '../../testing/fake-log-directory.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { type AuditHealth, AuditLog } from './audit-log.ts';

const noon = Date.UTC(2026, 10, 28, 12);
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

let clock = new ManualClock(noon);
let directory = new FakeLogDirectory(() => clock.wall());
let healths: AuditHealth[] = [];
let log: AuditLog | undefined;
beforeEach(() => {
  clock = new ManualClock(noon);
  directory = new FakeLogDirectory(() => clock.wall());
  healths = [];
});
afterEach(() => log?.[Symbol.dispose]());

function start(): AuditLog {
  let ids = 0;
  log = new AuditLog({
    directory,
    retentionDays: 90,
    clock,
    newId: () => `id-${++ids}`,
    onHealth: (health) => void healths.push(health),
  });
  return log;
}

let count = 0;
beforeEach(() => {
  count = 0;
});
function write(to: AuditLog, lines: number = 1): void {
  for (let i = 0; i < lines; i++) {
    to.write(
      { type: 'api_request', method: 'GET', path: `/${++count}`, status: 200 },
      { at: clock.wall(), actor: { kind: 'daemon' } },
    );
  }
}
/** Returns the subjects of a file's lines; fails if a line is not JSON. */
const paths = (name?: string): string[] =>
  (directory.text(name) ?? '')
    .split('\n')
    .slice(0, -1)
    .map((line) => String((JSON.parse(line) as { resource: string }).resource));
const textOf = (line: number): string => directory.text()?.split('\n')[line] ?? '';
const names = (): string[] => [...directory.files.keys()].sort((a, b) => (a < b ? -1 : 1));

describe('AuditLog', () => {
  test('each entry is written in the next turn, in order', () => {
    const to = start();
    write(to, 3);
    expect(directory.text()).toBeUndefined();
    clock.advance(0);
    expect(paths()).toEqual(['/1', '/2', '/3']);
    write(to);
    clock.advance(0);
    expect(paths()).toEqual(['/1', '/2', '/3', '/4']);
  });

  test('the log continues in the file of an earlier run of the same day', () => {
    directory.put('audit.log', '{"resource":"/before"}\n', noon - hour);
    write(start());
    clock.advance(0);
    expect(paths()).toEqual(['/before', '/1']);
  });

  test('the log starts a new line after one that a kill cut', () => {
    directory.put('audit.log', '{"resource":"/bef', noon - hour);
    write(start());
    clock.advance(0);
    expect(directory.text()?.split('\n')[0]).toBe('{"resource":"/bef');
    expect(directory.text()?.split('\n')[1]).toContain('"/1"');
  });

  test('a closed log has written every line and has closed its files', () => {
    const to = start();
    clock.advance(0);
    write(to, 2);
    to[Symbol.dispose]();
    expect([paths(), directory.handles, clock.waiting]).toEqual([['/1', '/2'], 0, 0]);
  });

  test('lines are complete if the disk accepts a few bytes at a time', () => {
    directory.takes = 7;
    write(start(), 5);
    clock.advance(0);
    expect(paths()).toEqual(['/1', '/2', '/3', '/4', '/5']);
  });
});

describe('AuditLog: rotation', () => {
  test('each day has its own file', () => {
    const to = start();
    write(to);
    clock.advance(day);
    write(to);
    clock.advance(day);
    write(to);
    clock.advance(0);
    expect(names()).toEqual(['audit.log', 'audit.log.2026-11-28', 'audit.log.2026-11-29']);
    expect([paths('audit.log.2026-11-28'), paths('audit.log.2026-11-29'), paths()]).toEqual([
      ['/1'],
      ['/2'],
      ['/3'],
    ]);
  });

  test('rotation happens within an hour also without a new line', () => {
    write(start());
    clock.advance(13 * hour);
    expect([names(), directory.text()]).toEqual([['audit.log', 'audit.log.2026-11-28'], '']);
  });

  test('rotation at the start renames the file of an earlier day', () => {
    directory.put('audit.log', '{"resource":"/before"}\n', noon - 3 * day);
    write(start());
    clock.advance(0);
    expect([paths('audit.log.2026-11-25'), paths()]).toEqual([['/before'], ['/1']]);
  });

  test('rotation overwrites nothing if the clock is set back', () => {
    directory.put('audit.log', '{"resource":"/tomorrow"}\n', noon + day);
    directory.put('audit.log.2026-11-29', 'mine\n', noon);
    write(start());
    clock.advance(0);
    expect([paths('audit.log.2026-11-29.1'), directory.text('audit.log.2026-11-29'), paths()]).toEqual([
      ['/tomorrow'],
      'mine\n',
      ['/1'],
    ]);
  });

  test('a failed rotation does not stop the log, is reported once, and is retried', () => {
    const to = start();
    clock.advance(0);
    directory.failing.set('rename', 'EACCES');
    write(to);
    clock.advance(day);
    write(to, 2);
    clock.advance(3 * minute);
    expect(paths()).toEqual(['/1', '/2', '/3']);
    expect(healths).toMatchObject([{ ok: false, code: 'NETEVD_AUDIT_UNWRITABLE', errno: 'EACCES' }]);
    directory.failing.clear();
    clock.advance(2 * hour);
    expect(healths.map(({ ok }) => ok)).toEqual([false, true]);
    expect(names()).toEqual(['audit.log', 'audit.log.2026-11-28']);
  });

  test('retention removes older files and nothing else', () => {
    for (const name of ['audit.log.2026-08-29', 'audit.log.2026-08-30', 'audit.log.2020-01-01.gz']) {
      directory.put(name, 'old\n', noon);
    }
    start();
    clock.advance(0);
    expect(names()).toEqual(['audit.log', 'audit.log.2020-01-01.gz', 'audit.log.2026-08-30']);
    clock.advance(day);
    expect(names()).not.toContain('audit.log.2026-08-30');
  });
});

describe('AuditLog: a file that another program moves', () => {
  test('reopen leaves a moved file and begins a new one', () => {
    const to = start();
    write(to);
    clock.advance(0);
    directory.rename('audit.log-rotated');
    write(to);
    clock.advance(0);
    expect(paths('audit.log-rotated')).toEqual(['/1', '/2']);
    to.reopen();
    write(to);
    clock.advance(0);
    expect([paths('audit.log-rotated'), paths()]).toEqual([['/1', '/2'], ['/3']]);
    expect(directory.handles).toBe(1);
  });

  test('a removed file is begun again without reopen', () => {
    const to = start();
    write(to);
    clock.advance(0);
    directory.remove('audit.log');
    write(to);
    clock.advance(0);
    expect(paths()).toEqual(['/2']);
  });
});

describe('AuditLog: a failing disk', () => {
  test.each(['open', 'append'] as const)('a failing %s is reported once, and lines wait', (operation) => {
    const to = start();
    directory.failing.set(operation, 'ENOSPC');
    write(to, 3);
    clock.advance(0);
    write(to);
    clock.advance(5 * minute);
    expect(healths).toEqual([
      { ok: false, code: 'NETEVD_AUDIT_UNWRITABLE', errno: 'ENOSPC', since: noon as number },
    ]);
    expect([to.failures, to.lost]).toEqual([6, 0]);
    directory.failing.clear();
    clock.advance(minute);
    expect([paths(), healths.at(-1)]).toEqual([['/1', '/2', '/3', '/4'], { ok: true }]);
    expect(to.health()).toEqual({ ok: true });
  });

  test('a failure within a line continues within that line', () => {
    const to = start();
    clock.advance(0);
    write(to, 2);
    directory.takes = 20;
    let appends = 0;
    const open = directory.open.bind(directory);
    directory.open = () => {
      const file = open();
      return { ...file, append: (bytes) => (++appends === 3 ? refuse() : file.append(bytes)) };
    };
    to.reopen();
    clock.advance(minute);
    expect(paths()).toEqual(['/1', '/2']);
  });

  test('the number of entries that were left out is written with the next lines', () => {
    const to = start();
    clock.advance(0);
    to.omit();
    to.omit();
    clock.advance(minute);
    expect(paths()).toEqual([]);
    write(to);
    clock.advance(0);
    expect(paths()).toEqual(['/1', 'audit']);
    expect(JSON.parse(textOf(1))).toMatchObject({ action: 'audit-lost', details: { lost: 2 } });
  });

  const refuse = (): never => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  };

  test('a disk that fails for too long loses the newest lines, and the log contains their number', () => {
    const to = start();
    directory.failing.set('append', 'EROFS');
    write(to, 10_005);
    clock.advance(0);
    write(to, 10_002);
    expect(to.lost).toBe(5 + 2);
    directory.failing.clear();
    clock.advance(minute);
    const lines = paths();
    expect([lines.length, lines[10_000], lines[20_001]]).toEqual([20_002, 'audit', 'audit']);
    const lost = [10_000, 20_001].map((i) => (JSON.parse(textOf(i)) as { details: unknown }).details);
    expect(lost).toEqual([{ lost: 5 }, { lost: 2 }]);
  });
});
