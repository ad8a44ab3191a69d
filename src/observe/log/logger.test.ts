import { describe, expect, test } from 'bun:test';
import { instant, timestamp } from '../../core/model/ids.ts';
import type { DatagramOutcome } from '../../ports/datagram.ts';
import type { LogFormatSetting } from '../../ports/logger.ts';
import { ByteQueue, type ByteSink, type WriteOutcome } from './byte-queue.ts';
import { callSite, parseFrame } from './call-site.ts';
import type { LogEnvironment } from './log-format.ts';
import { type OpenLog, openLog } from './open-log.ts';
import { repeatWindow } from './repeat-filter.ts';

/** A reader that takes what it is told to. */
class FakeSink implements ByteSink {
  text = '';
  failure: string | undefined;
  /** Bytes that fit before EAGAIN. */
  room = Number.POSITIVE_INFINITY;

  write(bytes: Uint8Array): WriteOutcome {
    if (this.failure !== undefined) return { code: this.failure };
    if (this.room === 0) return { code: 'EAGAIN' };
    const written = Math.min(this.room, bytes.length);
    this.room -= written;
    this.text += new TextDecoder().decode(bytes.subarray(0, written));
    return { written };
  }
}

class FakeJournal {
  readonly sent: Uint8Array[] = [];
  outcomes: DatagramOutcome[] = [];

  send(bytes: Uint8Array): DatagramOutcome {
    this.sent.push(bytes);
    return this.outcomes.shift() ?? { ok: true };
  }
}

interface Bench extends OpenLog {
  readonly sink: FakeSink;
  readonly journal: FakeJournal;
  now: number;
}

function bench(format: LogFormatSetting = 'text', around: Partial<LogEnvironment> = {}): Bench {
  const sink = new FakeSink();
  const journal = new FakeJournal();
  const time = { now: 0 };
  const opened = openLog(
    { format, level: 'info', clock: { wall: () => timestamp(time.now), now: () => instant(time.now) } },
    { surroundings: { isTerminal: false, ...around }, standardError: sink, journal },
  );
  return Object.assign(time, opened, { sink, journal });
}

const bodies = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\S+ \S+ /, ''));

describe('the logger', () => {
  test('writes what reaches its level, and follows a change of it', () => {
    const { log, sink } = bench();
    log.logger.debug('one');
    log.logger.info('two');
    log.setLevel('debug');
    log.logger.debug('three', { seq: 1 });
    expect(bodies(sink.text)).toEqual(['info  two', 'debug three [seq=1]']);
    expect(log.counters().written).toEqual({ trace: 0, debug: 1, info: 1, warn: 0, error: 0 });
  });

  test('adds common fields, and lets those of the line win', () => {
    const { log, sink } = bench();
    const child = log.logger.with({ interface: 'eth0', script: 'a' }).with({ script: 'b' });
    child.info('one');
    child.info('two', { interface: 'eth1' });
    expect(bodies(sink.text)).toEqual(['info  eth0: one [script=b]', 'info  eth1: two [script=b]']);
  });

  test('says what would be written', () => {
    const { log } = bench();
    expect([log.logger.isEnabled('debug'), log.logger.isEnabled('info')]).toEqual([false, true]);
  });

  test('counts repeats about a subject, and sums them up', () => {
    const opened = bench();
    const refuse = (): void => opened.log.logger.warn('refused', { repeatKey: 'resolved' });
    refuse();
    opened.now = 1000;
    refuse();
    refuse();
    opened.log.logger.warn('accepted', { repeatKey: 'resolved' });
    expect(bodies(opened.sink.text)).toEqual([
      'warn  refused',
      'warn  refused (2 more times in the last second)',
      'warn  accepted',
    ]);
    expect(opened.log.counters().repeated).toBe(2);
  });

  test('sums up on its tick after five minutes, and at the end', () => {
    const opened = bench();
    const refuse = (): void => opened.log.logger.warn('refused', { repeatKey: 'resolved' });
    refuse();
    refuse();
    opened.now = repeatWindow;
    opened.log.tick();
    refuse();
    opened.now += 3000;
    opened.log.close();
    expect(bodies(opened.sink.text)).toEqual([
      'warn  refused',
      'warn  refused (once more in the last 5 minutes)',
      'warn  refused (once more in the last 3 seconds)',
    ]);
  });
});

describe('a log that cannot be written', () => {
  test('keeps lines for a slow reader, in order and whole', () => {
    const { log, sink } = bench();
    sink.room = 10;
    log.logger.info('one');
    log.logger.info('two');
    expect(sink.text.length).toBe(10);
    sink.room = Number.POSITIVE_INFINITY;
    log.tick();
    expect(bodies(sink.text)).toEqual(['info  one', 'info  two']);
    expect(log.counters().lost).toBe(0);
  });

  test('loses lines past its bound, counts them, and tells the reader when it is back', () => {
    const { log, sink } = bench();
    sink.room = 0;
    for (let i = 0; i < 100; i++) log.logger.info('x'.repeat(4096));
    const { lost } = log.counters();
    expect(lost).toBeGreaterThan(30);
    sink.room = Number.POSITIVE_INFINITY;
    log.tick();
    log.logger.info('back');
    const lines = bodies(sink.text);
    expect(lines).toHaveLength(100 - lost + 2);
    expect(lines.at(-2)).toStartWith(`warn  ${lost} `);
    expect(lines.at(-1)).toBe('info  back');
  });

  for (const code of ['EPIPE', 'EIO', 'ENOSPC', 'EBADF']) {
    test(`goes on after ${code}`, () => {
      const { log, sink } = bench();
      sink.failure = code;
      log.logger.error('one');
      log.logger.error('two');
      expect(log.counters().lost).toBe(2);
      sink.failure = undefined;
      log.logger.error('three');
      expect(bodies(sink.text)).toEqual([expect.stringMatching(/^warn {2}2 /), 'error three']);
    });
  }

  test('does not ask a descriptor that writes nothing for ever', () => {
    const queue = new ByteQueue({ write: () => ({ written: 0 }) });
    expect(queue.push(new Uint8Array(3))).toBe('waiting');
  });
});

describe('the journal', () => {
  const stream: Partial<LogEnvironment> = { standardError: { device: 1n, inode: 2n }, journalStream: '1:2' };

  test('gets datagrams, and standard error nothing', () => {
    const { log, sink, journal, chosen } = bench('auto', stream);
    log.logger.info('up', { interface: 'eth0' });
    expect(chosen.format).toBe('journal');
    expect(new TextDecoder().decode(journal.sent[0])).toContain('MESSAGE=eth0: up\n');
    expect(sink.text).toBe('');
  });

  test('gets the source of warnings', () => {
    const { log, journal } = bench('auto', stream);
    function complain(): void {
      log.logger.warn('bad');
    }
    complain();
    expect(new TextDecoder().decode(journal.sent[0])).toMatch(
      /CODE_FILE=\S+logger\.test\.ts\nCODE_LINE=\d+\nCODE_FUNC=complain\n/,
    );
  });

  test('that is gone leaves the line on its stream, with the priority in front', () => {
    const { log, sink, journal } = bench('auto', stream);
    journal.outcomes = [{ ok: false, code: 'ECONNREFUSED' }];
    log.logger.warn('bad', { exitCode: 3 });
    expect(sink.text).toBe('<4>warn  bad [exitCode=3]\n');
    expect(log.counters().lost).toBe(0);
  });

  test('that is busy costs the line, counted', () => {
    const { log, sink, journal } = bench('auto', stream);
    journal.outcomes = [{ ok: false, code: 'EAGAIN' }];
    log.logger.warn('bad');
    expect(sink.text).toBe('');
    expect(log.counters().lost).toBe(1);
  });

  test('gets a shorter line when the first was too large', () => {
    const { log, journal } = bench('auto', stream);
    journal.outcomes = [{ ok: false, code: 'EMSGSIZE' }];
    log.logger.warn('bad', { output: 'y'.repeat(20_000) });
    expect(journal.sent.map((bytes) => bytes.length > 4000)).toEqual([true, false]);
    expect(log.counters().lost).toBe(0);
  });
});

test('another format takes over without losing a line or a count', () => {
  const { log, sink, setFormat } = bench('text');
  sink.room = 3;
  log.logger.info('one');
  setFormat('json');
  log.logger.info('two');
  sink.room = Number.POSITIVE_INFINITY;
  log.tick();
  const [first, second] = sink.text.trimEnd().split('\n');
  expect(first).toEndWith('info  one');
  expect(JSON.parse(second ?? '')).toMatchObject({ message: 'two' });
  sink.failure = 'EPIPE';
  log.logger.info('three');
  setFormat('text');
  expect(log.counters().lost).toBe(1);
});

describe('the place of a call', () => {
  const rows: [stack: string, site: ReturnType<typeof parseFrame>][] = [
    [
      'Error\n    at watch (/srv/a.ts:3:70)\n    at /srv/b.ts:1:1',
      { file: '/srv/a.ts', line: 3, function: 'watch' },
    ],
    ['Error\n    at /srv/a.ts:3:76', { file: '/srv/a.ts', line: 3 }],
    ['Error\n    at <anonymous> (file:///srv/a.ts:9:1)', { file: '/srv/a.ts', line: 9 }],
    ['Error\n    at native code', undefined],
    ['', undefined],
  ];
  for (const [stack, site] of rows) {
    test(`is read from ${JSON.stringify(stack)}`, () => {
      expect(parseFrame(stack)).toEqual(site);
    });
  }

  // Statements and not returned values: a call in tail position has no frame in this engine.
  test('is the caller of the function that asks', () => {
    let site: ReturnType<typeof callSite>;
    function asks(): void {
      site = callSite(asks);
    }
    function caller(): void {
      asks();
    }
    caller();
    expect(site).toMatchObject({ function: 'caller' });
  });
});

test('a line that tells of something gone wrong has its code, for programs', () => {
  const { log, sink } = bench('json');
  log.logger.warn('a hook failed', { messageId: 'hookFailed' });
  log.logger.info('ready', { messageId: 'daemonReady' });
  log.logger.error('cannot start', { errorCode: 'NETEVD_START_LOCKED' });
  const codes = sink.text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { error_code?: string }).error_code);
  expect(codes).toEqual(['NETEVD_HOOK_FAILED', undefined, 'NETEVD_START_LOCKED']);
  const plain = bench('text');
  plain.log.logger.warn('a hook failed', { messageId: 'hookFailed' });
  expect(plain.sink.text).not.toContain('NETEVD_');
});
