import { describe, expect, test } from 'bun:test';
import { instant, millis } from '../core/model/ids.ts';
import type { DatagramOutcome, NotifySocket } from '../ports/datagram.ts';
import { encodeNotify, Notifier, type NotifySettings, parseNotifyEnvironment } from './notify.ts';

describe('what the manager asks for', () => {
  const rows: [
    what: string,
    env: Record<string, string>,
    wanted: Partial<NotifySettings>,
    problem?: RegExp,
  ][] = [
    ['nothing', {}, {}],
    ['nothing, with empty variables', { NOTIFY_SOCKET: '', WATCHDOG_USEC: '' }, {}],
    [
      'a socket in the file system',
      { NOTIFY_SOCKET: '/run/systemd/notify' },
      { address: { kind: 'path', path: '/run/systemd/notify' } },
    ],
    ['an abstract socket', { NOTIFY_SOCKET: '@/org/x' }, { address: { kind: 'abstract', name: '/org/x' } }],
    [
      'a socket of the longest name',
      { NOTIFY_SOCKET: `/${'x'.repeat(106)}` },
      { address: { kind: 'path', path: `/${'x'.repeat(106)}` } },
    ],
    ['a name that does not fit', { NOTIFY_SOCKET: `/${'x'.repeat(107)}` }, {}, /108 bytes/],
    ['a name of no bytes', { NOTIFY_SOCKET: '@' }, {}, /0 bytes/],
    ['a relative path', { NOTIFY_SOCKET: 'run/notify' }, {}, /neither/],
    ['a socket of a virtual machine', { NOTIFY_SOCKET: 'vsock:2:1' }, {}, /neither/],
    ['a watchdog for any process', { WATCHDOG_USEC: '20000000' }, { watchdog: millis(20_000) }],
    ['a watchdog for us', { WATCHDOG_USEC: '1500', WATCHDOG_PID: '42' }, { watchdog: millis(1.5) }],
    ['a watchdog for our parent', { WATCHDOG_USEC: '20000000', WATCHDOG_PID: '41' }, {}],
    ['a watchdog of nothing', { WATCHDOG_USEC: '0' }, {}, /microseconds/],
    ['a watchdog of nonsense', { WATCHDOG_USEC: '1e9' }, {}, /microseconds/],
  ];
  for (const [what, env, wanted, problem] of rows) {
    test(`is ${what}`, () => {
      const { problems, ...found } = parseNotifyEnvironment(env, 42);
      expect(found).toEqual(wanted);
      expect(problems).toHaveLength(problem === undefined ? 0 : 1);
      if (problem !== undefined) expect(problems[0]).toMatch(problem);
    });
  }
});

class FakeManager implements NotifySocket {
  readonly initialReads: string[] = [];
  outcome: DatagramOutcome = { ok: true };

  send(bytes: Uint8Array): DatagramOutcome {
    if (this.outcome.ok) this.initialReads.push(new TextDecoder().decode(bytes));
    return this.outcome;
  }
}

describe('the manager', () => {
  const rows: [what: string, call: (notifier: Notifier) => void, message: string][] = [
    ['that we are ready', (n) => n.ready('2 links'), 'READY=1\nSTATUS=2 links'],
    ['how we are', (n) => n.status('idle'), 'STATUS=idle'],
    [
      'that we reload',
      (n) => n.reloading('reading', 123_456n),
      'RELOADING=1\nMONOTONIC_USEC=123456\nSTATUS=reading',
    ],
    ['that we reload, without a clock', (n) => n.reloading('reading'), 'RELOADING=1\nSTATUS=reading'],
    ['that we stop', (n) => n.stopping('draining'), 'STOPPING=1\nSTATUS=draining'],
    ['that we need longer', (n) => n.extendTimeout(millis(1500.0005)), 'EXTEND_TIMEOUT_USEC=1500001'],
    [
      'no more than was meant, whatever the status holds',
      (n) => n.status('eth0\nMAINPID=1'),
      'STATUS=eth0\\nMAINPID=1',
    ],
  ];
  for (const [what, call, message] of rows) {
    test(`is told ${what}`, () => {
      const manager = new FakeManager();
      call(new Notifier(manager, { problems: [] }));
      expect(manager.initialReads).toEqual([message]);
    });
  }

  test('is not told anything where there is none', () => {
    const notifier = new Notifier(undefined, { watchdog: millis(1000), problems: [] });
    expect([notifier.ready('x'), notifier.beatInterval, notifier.failures]).toEqual([false, undefined, 0]);
  });

  test('that does not listen is counted', () => {
    const manager = new FakeManager();
    manager.outcome = { ok: false, code: 'ECONNREFUSED' };
    const notifier = new Notifier(manager, { problems: [] });
    expect([notifier.ready('x'), notifier.failures]).toEqual([false, 1]);
  });
});

describe('the watchdog', () => {
  const settings: NotifySettings = { watchdog: millis(20_000), problems: [] };

  test('hears us often enough, and not with every turn of the loop', () => {
    const manager = new FakeManager();
    const notifier = new Notifier(manager, settings);
    expect(notifier.beatInterval).toBe(millis(10_000));
    for (let now = 0; now <= 20_000; now += 10) notifier.beat(instant(now));
    expect(manager.initialReads).toEqual(new Array(5).fill('WATCHDOG=1'));
  });

  test('is told again at once when it did not take the last sign', () => {
    const manager = new FakeManager();
    const notifier = new Notifier(manager, settings);
    manager.outcome = { ok: false, code: 'EAGAIN' };
    notifier.beat(instant(0));
    manager.outcome = { ok: true };
    notifier.beat(instant(1));
    expect(manager.initialReads).toEqual(['WATCHDOG=1']);
    expect(notifier.failures).toBe(1);
  });

  test('hears nothing where nobody set one', () => {
    const manager = new FakeManager();
    new Notifier(manager, { problems: [] }).beat(instant(0));
    expect(manager.initialReads).toEqual([]);
  });
});

test('a message is assignments, one a line, in order', () => {
  expect(new TextDecoder().decode(encodeNotify({ B: 'ü', A: '2' }))).toBe('B=ü\nA=2');
});
