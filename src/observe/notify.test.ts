import { describe, expect, test } from 'bun:test';
import { instant, millis } from '../core/model/ids.ts';
import type { DatagramOutcome, NotifySocket } from '../ports/datagram.ts';
import { encodeNotify, Notifier, type NotifySettings, parseNotifyEnvironment } from './notify.ts';

describe('parseNotifyEnvironment', () => {
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
      'a socket with a name of the maximum length',
      { NOTIFY_SOCKET: `/${'x'.repeat(106)}` },
      { address: { kind: 'path', path: `/${'x'.repeat(106)}` } },
    ],
    ['a name that is too long', { NOTIFY_SOCKET: `/${'x'.repeat(107)}` }, {}, /108 bytes/],
    ['an empty name', { NOTIFY_SOCKET: '@' }, {}, /0 bytes/],
    ['a relative path', { NOTIFY_SOCKET: 'run/notify' }, {}, /neither/],
    ['a socket of a virtual machine', { NOTIFY_SOCKET: 'vsock:2:1' }, {}, /neither/],
    ['a watchdog for any process', { WATCHDOG_USEC: '20000000' }, { watchdog: millis(20_000) }],
    ['a watchdog for this process', { WATCHDOG_USEC: '1500', WATCHDOG_PID: '42' }, { watchdog: millis(1.5) }],
    ['a watchdog for the parent process', { WATCHDOG_USEC: '20000000', WATCHDOG_PID: '41' }, {}],
    ['a watchdog of 0', { WATCHDOG_USEC: '0' }, {}, /microseconds/],
    ['a watchdog that is not an integer', { WATCHDOG_USEC: '1e9' }, {}, /microseconds/],
  ];
  for (const [what, env, wanted, problem] of rows) {
    test(`the environment is parsed: ${what}`, () => {
      const { problems, ...found } = parseNotifyEnvironment(env, 42);
      expect(found).toEqual(wanted);
      expect(problems).toHaveLength(problem === undefined ? 0 : 1);
      if (problem !== undefined) expect(problems[0]).toMatch(problem);
    });
  }
});

class FakeManager implements NotifySocket {
  readonly messages: string[] = [];
  outcome: DatagramOutcome = { ok: true };

  send(bytes: Uint8Array): DatagramOutcome {
    if (this.outcome.ok) this.messages.push(new TextDecoder().decode(bytes));
    return this.outcome;
  }
}

describe('Notifier', () => {
  const rows: [what: string, call: (notifier: Notifier) => void, message: string][] = [
    ['ready', (n) => n.ready('2 links'), 'READY=1\nSTATUS=2 links'],
    ['a status', (n) => n.status('idle'), 'STATUS=idle'],
    [
      'reloading',
      (n) => n.reloading('reading', 123_456n),
      'RELOADING=1\nMONOTONIC_USEC=123456\nSTATUS=reading',
    ],
    ['reloading without a clock', (n) => n.reloading('reading'), 'RELOADING=1\nSTATUS=reading'],
    ['stopping', (n) => n.stopping('draining'), 'STOPPING=1\nSTATUS=draining'],
    ['a longer timeout', (n) => n.extendTimeout(millis(1500.0005)), 'EXTEND_TIMEOUT_USEC=1500001'],
    [
      'one assignment for a status with line feeds',
      (n) => n.status('eth0\nMAINPID=1'),
      'STATUS=eth0\\nMAINPID=1',
    ],
  ];
  for (const [what, call, message] of rows) {
    test(`the service manager gets ${what}`, () => {
      const manager = new FakeManager();
      call(new Notifier(manager, { problems: [] }));
      expect(manager.messages).toEqual([message]);
    });
  }

  test('without a service manager nothing is sent', () => {
    const notifier = new Notifier(undefined, { watchdog: millis(1000), problems: [] });
    expect([notifier.ready('x'), notifier.beatInterval, notifier.failures]).toEqual([false, undefined, 0]);
  });

  test('a message that the service manager does not take is counted', () => {
    const manager = new FakeManager();
    manager.outcome = { ok: false, code: 'ECONNREFUSED' };
    const notifier = new Notifier(manager, { problems: [] });
    expect([notifier.ready('x'), notifier.failures]).toEqual([false, 1]);
  });
});

describe('Notifier: watchdog', () => {
  const settings: NotifySettings = { watchdog: millis(20_000), problems: [] };

  test('the watchdog is notified often enough, and not with every turn of the loop', () => {
    const manager = new FakeManager();
    const notifier = new Notifier(manager, settings);
    expect(notifier.beatInterval).toBe(millis(10_000));
    for (let now = 0; now <= 20_000; now += 10) notifier.beat(instant(now));
    expect(manager.messages).toEqual(new Array(5).fill('WATCHDOG=1'));
  });

  test('a failed watchdog message is repeated at once', () => {
    const manager = new FakeManager();
    const notifier = new Notifier(manager, settings);
    manager.outcome = { ok: false, code: 'EAGAIN' };
    notifier.beat(instant(0));
    manager.outcome = { ok: true };
    notifier.beat(instant(1));
    expect(manager.messages).toEqual(['WATCHDOG=1']);
    expect(notifier.failures).toBe(1);
  });

  test('without a watchdog nothing is sent', () => {
    const manager = new FakeManager();
    new Notifier(manager, { problems: [] }).beat(instant(0));
    expect(manager.messages).toEqual([]);
  });
});

test('a message consists of assignments, one per line, in order', () => {
  expect(new TextDecoder().decode(encodeNotify({ B: 'ü', A: '2' }))).toBe('B=ü\nA=2');
});
