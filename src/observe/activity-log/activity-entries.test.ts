import { describe, expect, test } from 'bun:test';
import { diff } from '../../core/diff/diff.ts';
import { planEvents } from '../../core/events/plan-events.ts';
import type { HookRun } from '../../core/hooks/hook-run.ts';
import type { Change, LinkRef } from '../../core/model/change.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import {
  eventId,
  generation,
  type Instant,
  ifIndex,
  instant,
  millis,
  seq,
  timestamp,
} from '../../core/model/ids.ts';
import { duration, transitionText } from '../../core/view/sentences.ts';
import { RecordingLogger } from '../../testing/recording-logger.ts';
import {
  ip,
  sampleAddress,
  sampleEvent,
  sampleLease,
  sampleLinkObject,
  sampleLinkStatus,
  sampleRoute,
  sampleState,
} from '../../testing/sample-state.ts';
import { ActivityEntries, write } from './activity-entries.ts';
import type { ActivityLine, FindingEntry } from './entry-drafts.ts';
import { RateLimiter } from './rate-limiter.ts';

const eth0: LinkRef = { index: ifIndex(2), generation: generation(0), name: 'eth0' };
const at = (ms: number): Instant => instant(ms);
const entry = (over: Partial<FindingEntry> = {}): FindingEntry => ({
  changes: [],
  events: [],
  initial: false,
  resync: false,
  superseded: [],
  isMonitored: () => true,
  ...over,
});
const options = {
  isMonitored: () => true,
  reportsTable: () => true,
  ownProtocol: 157,
  initial: false,
  resync: false,
};
/** An entry of these changes, with the events that follow from them. */
const happening = (changes: readonly Change[], over: Partial<FindingEntry> = {}): FindingEntry => {
  const drafts = planEvents(changes, sampleState(), { ...options, initial: over.initial ?? false });
  const events = drafts.map(
    (draft, i): NetworkEvent => ({ ...draft, id: eventId(`e-${i}`), seq: seq(i + 1), at: timestamp(0) }),
  );
  return entry({ changes, events, ...over });
};
const run = (over: Partial<HookRun> = {}): HookRun => ({
  eventId: eventId('e-1'),
  seq: seq(1),
  directory: 'no-carrier',
  link: eth0,
  source: 'kernel',
  state: 'no-carrier',
  script: '10-alert',
  path: '/etc/netevd/no-carrier.d/10-alert',
  startedAt: timestamp(0),
  duration: millis(34.2),
  outcome: { kind: 'exited', code: 0 },
  stdout: '',
  stderr: '',
  droppedOutput: 0,
  outputStillOpen: false,
  cpu: millis(1),
  retry: false,
  ...over,
});
const say = (lines: readonly ActivityLine[], level = 'info'): string[] =>
  lines.filter((line) => line.level === level || line.level === 'warn').map(({ message }) => message);
const operational = (
  from: 'routable' | 'no-carrier' | 'off' | undefined,
  to: 'routable' | 'no-carrier' | 'off',
  link = eth0,
): Change => ({
  kind: 'operationalStateChanged',
  link,
  source: 'kernel',
  from,
  to,
});

/** Level, message id and the fields by which a program selects a line. */
const facts = (lines: readonly ActivityLine[]): unknown[] =>
  lines
    .filter(({ level }) => level !== 'debug')
    .map(({ level, fields: { messageId, interface: link, event, state, exitCode } }) =>
      Object.fromEntries(
        Object.entries({ level, messageId, link, event, state, exitCode }).filter(
          ([, value]) => value !== undefined,
        ),
      ),
    );

describe("log lines of a script's output", () => {
  const output = (over: Partial<HookRun>): ActivityLine[] =>
    new ActivityEntries().hookRun(run(over), at(0)).slice(1);
  const endings = (over: Partial<HookRun>): string[] =>
    output(over).map(({ message }) => message.slice(message.lastIndexOf(': ') + 2));

  test('output is logged line by line, without empty lines, stdout first', () => {
    expect(endings({ stdout: 'up\n\nwarming\r\n', stderr: 'careful\n' })).toEqual([
      'up',
      'warming',
      'careful',
    ]);
  });

  test('a script without output causes no output lines', () => {
    expect(output({})).toEqual([]);
  });

  test('the output of a successful script is its first lines, and a line for the omitted ones', () => {
    const lines = endings({
      stdout: Array.from({ length: 20 }, (_, i) => `${i}\n`).join(''),
      droppedOutput: 7,
    });
    expect(lines.slice(0, 8)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    expect(lines[8]).toMatch(/12.*7/);
    expect(lines).toHaveLength(9);
  });

  test('the output of a failed script is its last lines, as warnings', () => {
    const over: Partial<HookRun> = {
      outcome: { kind: 'exited', code: 1 },
      stderr: Array.from({ length: 20 }, (_, i) => `${i}\n`).join(''),
    };
    expect(endings(over).slice(1)).toEqual(['12', '13', '14', '15', '16', '17', '18', '19']);
    expect(new Set(output(over).map(({ level }) => level))).toEqual(new Set(['warn']));
  });

  test('a long output line is cut', () => {
    const [line = ''] = endings({ stdout: `${'x'.repeat(500)}\n` });
    expect(line).toBe(`${'x'.repeat(160)}…`);
  });
});

test('a pulled and reconnected cable causes one line for each state and hook, and the output of the failed hook', () => {
  const entries = new ActivityEntries();
  const pulled = entries.finding(happening([operational('routable', 'no-carrier')]), at(0));
  const alarmed = entries.hookRun(run(), at(40));
  const back = entries.finding(
    happening([
      operational('no-carrier', 'routable'),
      { kind: 'administrativeStateChanged', link: eth0, source: 'kernel', from: undefined, to: 'configured' },
    ]),
    at(60_000),
  );
  const failed = entries.hookRun(
    run({
      directory: 'routable',
      script: '20-x',
      outcome: { kind: 'exited', code: 3 },
      duration: millis(12),
      stderr: 'warming up\nno such host\n',
    }),
    at(60_012),
  );
  expect([pulled, alarmed, back, failed].flatMap(facts)).toEqual([
    { level: 'info', messageId: 'linkChanged', link: 'eth0', event: 'no-carrier', state: 'no-carrier' },
    { level: 'info', link: 'eth0', event: 'no-carrier', state: 'no-carrier', exitCode: 0 },
    { level: 'info', messageId: 'linkChanged', link: 'eth0', event: 'routable', state: 'routable' },
    {
      level: 'warn',
      messageId: 'hookFailed',
      link: 'eth0',
      event: 'routable',
      state: 'no-carrier',
      exitCode: 3,
    },
    { level: 'warn', link: 'eth0', event: 'routable' },
    { level: 'warn', link: 'eth0', event: 'routable' },
  ]);
});

describe('log lines', () => {
  const rows: readonly [what: string, changes: readonly Change[], lines: readonly string[]][] = [
    [
      'of an address',
      [{ kind: 'addressAppeared', link: eth0, address: sampleAddress('10.0.0.1') }],
      ['eth0: address 10.0.0.1/24 added'],
    ],
    [
      'the line of a link-local address has level debug',
      [{ kind: 'addressAppeared', link: eth0, address: sampleAddress('fe80::1') }],
      [],
    ],
    [
      'of the default route',
      [{ kind: 'routeVanished', route: sampleRoute() }],
      ['eth0: default route via 192.168.1.1 removed'],
    ],
    [
      'the line of a route that is not a default route has level debug',
      [{ kind: 'routeAppeared', route: sampleRoute({ destination: ip('10.0.0.0'), prefixLength: 8 }) }],
      [],
    ],
    ['of the MTU', [{ kind: 'mtuChanged', link: eth0, from: 1500, to: 9000 }], ['eth0: MTU 1500 → 9000']],
    ['of a new name', [{ kind: 'linkRenamed', link: eth0, from: 'eth7' }], ['eth0: renamed from eth7']],
    [
      'of a new owner',
      [{ kind: 'ownerChanged', link: eth0, from: 'kernel', to: 'systemd-networkd' }],
      ['eth0: managed by systemd-networkd'],
    ],
    [
      'of a lost owner',
      [{ kind: 'ownerChanged', link: eth0, from: 'dhclient', to: 'kernel' }],
      ['eth0: no longer managed by dhclient'],
    ],
    [
      'of a device',
      [{ kind: 'deviceStateChanged', link: eth0, from: 'ip-check', to: 'activated' }],
      ['eth0: ip-check → activated'],
    ],
    [
      'of a link that goes',
      [{ kind: 'linkVanished', link: eth0, last: sampleLinkStatus() }],
      ['eth0: gone (was routable)'],
    ],
    [
      'of the host',
      [
        {
          kind: 'hostChanged',
          source: 'NetworkManager',
          from: { State: 'connecting' },
          to: { State: 'connected-global' },
        },
      ],
      ['host: connecting → connected-global (NetworkManager)'],
    ],
  ];
  test.each(rows)('%s', (_what, changes, lines) => {
    expect(say(new ActivityEntries().finding(happening(changes), at(0)))).toEqual([...lines]);
    // If debug lines are not written, every other line still is.
    const brief = new ActivityEntries().finding(happening(changes, { isDetailed: false }), at(0));
    const whole = new ActivityEntries().finding(happening(changes), at(0));
    const aloud = (told: readonly ActivityLine[]): ActivityLine[] =>
      told.filter(({ level }) => level !== 'debug');
    expect(aloud(brief)).toEqual(aloud(whole));
  });

  test('the line of the host reports reachability only', () => {
    const host = sampleState().host;
    const to = (over: Partial<typeof host>): Change => ({
      kind: 'hostStatusChanged',
      from: host,
      to: { ...host, ...over },
    });
    expect(say(new ActivityEntries().finding(happening([to({ operational: 'no-carrier' })]), at(0)))).toEqual(
      ['host: routable → no-carrier'],
    );
    expect(say(new ActivityEntries().finding(happening([to({ addressState: 'off' })]), at(0)))).toEqual([]);
  });

  test('the line of a new link comes before those of its states', () => {
    const appeared: Change = {
      kind: 'linkAppeared',
      link: eth0,
      object: sampleLinkObject(),
      status: sampleLinkStatus(),
    };
    expect(
      say(new ActivityEntries().finding(happening([operational(undefined, 'routable'), appeared]), at(0))),
    ).toEqual(['eth0: appeared', 'eth0: routable']);
  });

  test('a new lease and the end of a lease are one line each', () => {
    const lease: Change = {
      kind: 'leaseChanged',
      interfaceName: 'eth0',
      family: 4,
      from: undefined,
      to: sampleLease(),
    };
    expect(say(new ActivityEntries().finding(entry({ changes: [lease] }), at(0)))).toEqual([
      'eth0: DHCP lease of 192.168.1.100, gateway 192.168.1.1, DNS 192.168.1.53 9.9.9.9',
    ]);
    const ended: Change = { ...lease, from: sampleLease(), to: undefined };
    expect(say(new ActivityEntries().finding(entry({ changes: [ended] }), at(0)))).toEqual([
      'eth0: DHCP lease ended',
    ]);
  });

  test('a link that is not monitored has no lines', () => {
    const change: Change = { kind: 'mtuChanged', link: eth0, from: 1500, to: 9000 };
    expect(
      new ActivityEntries().finding(entry({ changes: [change], isMonitored: () => false }), at(0)),
    ).toEqual([]);
  });

  test('a line can be selected by its fields', () => {
    const [line] = new ActivityEntries().hookRun(run({ outcome: { kind: 'exited', code: 3 } }), at(0));
    expect(line?.fields).toEqual({
      interface: 'eth0',
      ifindex: 2,
      event: 'no-carrier',
      backend: 'kernel',
      state: 'no-carrier',
      seq: 1,
      script: '/etc/netevd/no-carrier.d/10-alert',
      durationMs: 34.2,
      exitCode: 3,
      outcome: 'exited',
      messageId: 'hookFailed',
    });
  });

  test('the lines of a real step follow from its changes', () => {
    const before = sampleState();
    const after = sampleState({ statuses: [sampleLinkStatus({ operational: 'no-carrier' })] });
    expect(say(new ActivityEntries().finding(happening(diff(before, after)), at(0)))).toContain(
      'eth0: carrier lost (routable → no-carrier)',
    );
  });
});

describe('log lines of a hook run', () => {
  const refused = {
    kind: 'refused',
    code: 'owner',
    reason: '/x belongs to user 5',
    remedy: 'chown root /x',
  } as const;
  const timedOut = { kind: 'timed-out', after: millis(1500), killed: true, abandoned: false } as const;
  const rows: readonly [HookRun['outcome'], Record<string, unknown>][] = [
    [
      { kind: 'exited', code: 0 },
      { level: 'info', exitCode: 0 },
    ],
    [
      { kind: 'exited', code: 3 },
      { level: 'warn', exitCode: 3, messageId: 'hookFailed' },
    ],
    [
      { kind: 'signalled', signal: 'SIGSEGV' },
      { level: 'warn', messageId: 'hookFailed' },
    ],
    [timedOut, { level: 'warn', messageId: 'hookTimedOut' }],
    [
      { ...timedOut, abandoned: true },
      { level: 'warn', messageId: 'hookTimedOut' },
    ],
    [{ kind: 'stopped', abandoned: false }, { level: 'warn' }],
    [{ kind: 'unseen' }, { level: 'warn' }],
    [refused, { level: 'warn', messageId: 'hookRefused' }],
    [
      { kind: 'not-started', code: 'ENOEXEC', reason: 'no #!' },
      { level: 'warn', messageId: 'hookFailed' },
    ],
  ];
  test.each(rows)(
    'a run with outcome %j has the expected level, message id and fields',
    (outcome, expected) => {
      const lines = new ActivityEntries().hookRun(run({ outcome }), at(0));
      expect(facts(lines)).toEqual([{ link: 'eth0', event: 'no-carrier', state: 'no-carrier', ...expected }]);
    },
  );

  test('the line of a refused run contains the fix', () => {
    const [line] = new ActivityEntries().hookRun(run({ outcome: refused }), at(0));
    expect(line?.message).toContain(refused.reason);
    expect(line?.message).toContain(refused.remedy);
  });
});

describe('log lines of a storm', () => {
  const address = (
    i: number,
    kind: 'addressAppeared' | 'addressVanished' = 'addressAppeared',
    link = eth0,
  ): Change => ({
    kind,
    link,
    address: sampleAddress(`10.0.${i >> 8}.${i & 255}`),
  });

  test('a storm of addresses is a few lines and a sum', () => {
    const entries = new ActivityEntries();
    const lines: ActivityLine[] = [];
    for (let i = 0; i < 500; i++) lines.push(...entries.finding(happening([address(i)]), at(i)));
    for (let i = 0; i < 12; i++)
      lines.push(...entries.finding(happening([address(i, 'addressVanished')]), at(600 + i)));
    expect(say(lines)).toEqual([0, 1, 2, 3].map((i) => `eth0: address 10.0.0.${i}/24 added`));
    expect(entries.wake(at(4999))).toEqual([]);
    expect(say(entries.wake(at(5000)))).toEqual([
      'eth0: 496 more addresses added, 12 more addresses removed in 5 s',
    ]);
  });

  test('a long storm is a sum every few seconds, and after it lines are logged again', () => {
    const entries = new ActivityEntries();
    const lines: ActivityLine[] = [];
    for (let i = 0; i < 100; i++) lines.push(...entries.finding(happening([address(i)]), at(i * 100)));
    expect(say(lines).slice(4)).toEqual(['eth0: 46 more addresses added in 5 s']);
    expect(say(entries.wake(at(10_000)))).toEqual(['eth0: 50 more addresses added in 5 s']);
    expect(entries.wake(at(15_000))).toEqual([]);
    expect(say(entries.finding(happening([address(7)]), at(20_000)))).toEqual([
      'eth0: address 10.0.0.7/24 added',
    ]);
  });

  test('a storm on one link does not suppress the lines of another', () => {
    const entries = new ActivityEntries();
    const eth1 = { ...eth0, index: ifIndex(3), name: 'eth1' };
    for (let i = 0; i < 100; i++) entries.finding(happening([address(i)]), at(0));
    expect(say(entries.finding(happening([address(1, 'addressAppeared', eth1)]), at(1)))).toEqual([
      'eth1: address 10.0.0.1/24 added',
    ]);
  });

  test('the sum for a flapping link contains its last state', () => {
    const entries = new ActivityEntries();
    const lines: ActivityLine[] = [];
    for (let i = 0; i < 50; i++) {
      const change =
        i % 2 === 0 ? operational('routable', 'no-carrier') : operational('no-carrier', 'routable');
      lines.push(...entries.finding(happening([change]), at(i)));
    }
    expect(say(lines).length).toBe(12);
    expect(say(entries.wake(at(5000)))).toEqual(['eth0: 38 more state changes in 5 s; now routable']);
  });

  test('the sum of failed hooks is a warning', () => {
    const entries = new ActivityEntries();
    for (let i = 0; i < 40; i++) entries.hookRun(run({ outcome: { kind: 'exited', code: 1 } }), at(i));
    expect(entries.wake(at(5000)).map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'eth0: 8 more hooks failed in 5 s; now no-carrier'],
    ]);
  });

  test('superseded events are logged', () => {
    const superseded = Array.from({ length: 30 }, () => ({
      event: sampleEvent({ directory: 'address-added' }),
    }));
    const entries = new ActivityEntries();
    expect(facts(entries.finding(entry({ superseded }), at(0)))).toMatchObject([
      { level: 'warn', event: 'address-added' },
    ]);
    expect(entries.wake(at(5000)).map(({ message }) => /\d+/.exec(message.slice(5))?.[0])).toEqual(['29']);
  });
});

describe('log lines of the start', () => {
  const found = (count: number): FindingEntry => {
    const changes = Array.from({ length: count }, (_, i): Change => {
      const link = { index: ifIndex(i + 2), generation: generation(0), name: `eth${i}` };
      return operational(undefined, i % 3 === 0 ? 'routable' : 'off', link);
    });
    return happening(changes, { initial: true });
  };

  test('a few links at the start are one line each', () => {
    expect(say(new ActivityEntries().finding(found(2), at(0)))).toEqual(['eth0: routable', 'eth1: off']);
  });

  test('many links at the start are one line with the number in each state', () => {
    expect(say(new ActivityEntries().finding(found(1000), at(0)))).toEqual([
      '1000 links: 334 routable; 666 off',
    ]);
  });
});

test('lines go to the log with their level and fields', () => {
  const logger = new RecordingLogger();
  write(new ActivityEntries().finding(happening([operational('routable', 'no-carrier')]), at(0)), logger);
  expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
    ['info', 'eth0: carrier lost (routable → no-carrier)'],
  ]);
});

test('closed windows are freed', () => {
  const ration = new RateLimiter<string>(millis(10));
  for (let i = 0; i < 1000; i++) {
    ration.close(at(i));
    ration.allows(`link ${i}`, 1, at(i));
  }
  expect(ration.size).toBeLessThanOrEqual(11);
});

test('durations have a readable unit', () => {
  expect([0.4, 34.2, 999, 1000, 1234, 59_000, 90_000].map(duration)).toEqual([
    '0 ms',
    '34 ms',
    '999 ms',
    '1 s',
    '1.2 s',
    '59 s',
    '1.5 min',
  ]);
});

test('each transition has its own verb', () => {
  const rows: readonly [string | undefined, string, string][] = [
    ['off', 'no-carrier', 'switched on (off → no-carrier)'],
    ['routable', 'off', 'switched off (routable → off)'],
    ['off', 'degraded', 'carrier gained (off → degraded)'],
    ['degraded', 'routable', 'routable (degraded → routable)'],
    ['routable', 'degraded', 'no longer routable (routable → degraded)'],
    ['carrier', 'enslaved', 'enslaved (carrier → enslaved)'],
    ['routable', 'missing', 'gone (routable → missing)'],
    ['configuring', 'configured', 'configuring → configured'],
    [undefined, 'configured', 'configured'],
  ];
  for (const [from, to, text] of rows) expect(transitionText(from, to)).toBe(text);
});

test('a finding of a resync is marked in the fields and has the same message', () => {
  const found = happening([operational('routable', 'no-carrier')]);
  const [line] = new ActivityEntries().finding({ ...found, resync: true }, at(0));
  const [plain] = new ActivityEntries().finding(found, at(0));
  expect(line?.message).toBe(plain?.message ?? '');
  expect([line?.fields['resync'], plain?.fields['resync']]).toEqual([true, undefined]);
});
