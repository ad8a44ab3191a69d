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
import type { ActivityLine, EntryGroup } from './entry-drafts.ts';
import { RateLimiter } from './rate-limiter.ts';
import { duration, runText, transitionText } from './sentences.ts';

const eth0: LinkRef = { index: ifIndex(2), generation: generation(0), name: 'eth0' };
const at = (ms: number): Instant => instant(ms);
const chapter = (over: Partial<EntryGroup> = {}): EntryGroup => ({
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
/** A chapter of these changes with the events that follow from them. */
const happening = (changes: readonly Change[], over: Partial<EntryGroup> = {}): EntryGroup => {
  const drafts = planEvents(changes, sampleState(), { ...options, initial: over.initial ?? false });
  const events = drafts.map(
    (draft, i): NetworkEvent => ({ ...draft, id: eventId(`e-${i}`), seq: seq(i + 1), at: timestamp(0) }),
  );
  return chapter({ changes, events, ...over });
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
  outputHeld: false,
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

describe('what a script writes', () => {
  const told = (over: Partial<HookRun>): string[] =>
    say(new ActivityEntries().tellRun(run(over), at(0))).slice(1);
  const rows: [string, Partial<HookRun>, string[]][] = [
    ['nothing', {}, []],
    [
      'a few lines, of both kinds',
      { stdout: 'Interface eth0 is up\n\nwarming\r\n', stderr: 'careful\n' },
      ['Interface eth0 is up', 'warming', 'careful'].map((line) => `eth0: no-carrier.d/10-alert: ${line}`),
    ],
    [
      'more than a few',
      { stdout: 'x\n'.repeat(20), droppedOutput: 7 },
      [
        ...Array.from({ length: 8 }, () => 'eth0: no-carrier.d/10-alert: x'),
        'eth0: no-carrier.d/10-alert: … 12 more lines and 7 bytes that were not kept',
      ],
    ],
    ['a failure, which the line about it tells', { stdout: 'x\n', outcome: { kind: 'exited', code: 1 } }, []],
  ];
  test.each(rows)('%s', (_, over, lines) => {
    expect(told(over)).toEqual(lines);
  });
});

test('a cable that was pulled and put back is four lines', () => {
  const story = new ActivityEntries();
  const pulled = story.tell(happening([operational('routable', 'no-carrier')]), at(0));
  const alarmed = story.tellRun(run(), at(40));
  const back = story.tell(
    happening([
      operational('no-carrier', 'routable'),
      { kind: 'administrativeStateChanged', link: eth0, source: 'kernel', from: undefined, to: 'configured' },
    ]),
    at(60_000),
  );
  const failed = story.tellRun(
    run({
      directory: 'routable',
      script: '20-x',
      outcome: { kind: 'exited', code: 3 },
      duration: millis(12),
      stderr: 'warming up\nno such host\n',
    }),
    at(60_012),
  );
  expect([pulled, alarmed, back, failed].flatMap((lines) => say(lines))).toEqual([
    'eth0: carrier lost (routable → no-carrier)',
    'eth0: no-carrier.d/10-alert ran, 34 ms, exit 0',
    'eth0: carrier gained (no-carrier → routable), configured',
    'eth0: routable.d/20-x FAILED: exit 3 after 12 ms; it said: "no such host"',
  ]);
});

describe('a line', () => {
  const rows: readonly [what: string, changes: readonly Change[], lines: readonly string[]][] = [
    [
      'of an address',
      [{ kind: 'addressAppeared', link: eth0, address: sampleAddress('10.0.0.1') }],
      ['eth0: address 10.0.0.1/24 added'],
    ],
    [
      'of a link-local address is a detail',
      [{ kind: 'addressAppeared', link: eth0, address: sampleAddress('fe80::1') }],
      [],
    ],
    [
      'of the default route',
      [{ kind: 'routeVanished', route: sampleRoute() }],
      ['eth0: default route via 192.168.1.1 removed'],
    ],
    [
      'of another route is a detail',
      [{ kind: 'routeAppeared', route: sampleRoute({ destination: ip('10.0.0.0'), prefixLength: 8 }) }],
      [],
    ],
    ['of the MTU', [{ kind: 'mtuChanged', link: eth0, from: 1500, to: 9000 }], ['eth0: MTU 1500 → 9000']],
    ['of a new name', [{ kind: 'linkRenamed', link: eth0, from: 'eth7' }], ['eth0: is the new name of eth7']],
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
      ['host: connecting → connected-global, says NetworkManager'],
    ],
  ];
  test.each(rows)('%s', (_what, changes, lines) => {
    expect(say(new ActivityEntries().tell(happening(changes), at(0)))).toEqual([...lines]);
    // Where details are not written, everything else is.
    const brief = new ActivityEntries().tell(happening(changes, { isDetailed: false }), at(0));
    const whole = new ActivityEntries().tell(happening(changes), at(0));
    const aloud = (told: readonly ActivityLine[]): ActivityLine[] =>
      told.filter(({ level }) => level !== 'debug');
    expect(aloud(brief)).toEqual(aloud(whole));
  });

  test('of the host tells whether it can be reached, and leaves the rest to its links', () => {
    const host = sampleState().host;
    const to = (over: Partial<typeof host>): Change => ({
      kind: 'hostStatusChanged',
      from: host,
      to: { ...host, ...over },
    });
    expect(say(new ActivityEntries().tell(happening([to({ operational: 'no-carrier' })]), at(0)))).toEqual([
      'host: routable → no-carrier',
    ]);
    expect(say(new ActivityEntries().tell(happening([to({ addressState: 'off' })]), at(0)))).toEqual([]);
  });

  test('of a link that appears comes before those of its states', () => {
    const appeared: Change = {
      kind: 'linkAppeared',
      link: eth0,
      object: sampleLinkObject(),
      status: sampleLinkStatus(),
    };
    expect(
      say(new ActivityEntries().tell(happening([operational(undefined, 'routable'), appeared]), at(0))),
    ).toEqual(['eth0: appeared', 'eth0: routable']);
  });

  test('of a lease', () => {
    const lease: Change = {
      kind: 'leaseChanged',
      interfaceName: 'eth0',
      family: 4,
      from: undefined,
      to: sampleLease(),
    };
    expect(say(new ActivityEntries().tell(chapter({ changes: [lease] }), at(0)))).toEqual([
      'eth0: DHCP lease of 192.168.1.100, gateway 192.168.1.1, DNS 192.168.1.53 9.9.9.9',
    ]);
    const ended: Change = { ...lease, from: sampleLease(), to: undefined };
    expect(say(new ActivityEntries().tell(chapter({ changes: [ended] }), at(0)))).toEqual([
      'eth0: DHCP lease ended',
    ]);
  });

  test('of a link that nobody wants to hear of is not told', () => {
    const change: Change = { kind: 'mtuChanged', link: eth0, from: 1500, to: 9000 };
    expect(
      new ActivityEntries().tell(chapter({ changes: [change], isMonitored: () => false }), at(0)),
    ).toEqual([]);
  });

  test('can be selected by its fields', () => {
    const [line] = new ActivityEntries().tellRun(run({ outcome: { kind: 'exited', code: 3 } }), at(0));
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
      messageId: 'hookFailed',
    });
  });

  test('of a step that really happened follows from its difference', () => {
    const before = sampleState();
    const after = sampleState({ statuses: [sampleLinkStatus({ operational: 'no-carrier' })] });
    expect(say(new ActivityEntries().tell(happening(diff(before, after)), at(0)))).toContain(
      'eth0: carrier lost (routable → no-carrier)',
    );
  });
});

describe('a run', () => {
  const rows: readonly [over: Partial<HookRun>, text: string][] = [
    [
      { outcome: { kind: 'signalled', signal: 'SIGSEGV' } },
      'no-carrier.d/10-alert FAILED: ended by SIGSEGV after 34 ms',
    ],
    [
      {
        outcome: { kind: 'timed-out', after: millis(30_000), killed: false, abandoned: false },
        stdout: 'waiting…\n',
      },
      'no-carrier.d/10-alert TIMED OUT after 30 s and was ended; it said: "waiting…"',
    ],
    [
      { outcome: { kind: 'timed-out', after: millis(1500), killed: true, abandoned: false } },
      'no-carrier.d/10-alert TIMED OUT after 1.5 s and had to be killed',
    ],
    [
      { outcome: { kind: 'timed-out', after: millis(90_000), killed: true, abandoned: true } },
      'no-carrier.d/10-alert TIMED OUT after 1.5 min and could not be ended, not even by SIGKILL',
    ],
    [
      { outcome: { kind: 'stopped', abandoned: false } },
      'no-carrier.d/10-alert was ended because netevd stops',
    ],
    [
      {
        outcome: {
          kind: 'refused',
          code: 'owner',
          reason: '/x belongs to user 5, not to root',
          remedy: 'chown root:root /x',
        },
      },
      'no-carrier.d/10-alert NOT RUN: /x belongs to user 5, not to root; to mend it: chown root:root /x',
    ],
    [
      { outcome: { kind: 'not-started', code: 'ENOEXEC', reason: 'it has no #!' } },
      'no-carrier.d/10-alert COULD NOT START: it has no #!',
    ],
    [
      {
        script: '',
        outcome: { kind: 'refused', code: 'unspeakable-link', reason: 'the name', remedy: 'rename' },
      },
      'no-carrier.d NOT RUN: the name; to mend it: rename',
    ],
    [{ retry: true }, 'no-carrier.d/10-alert (again after a crash) ran, 34 ms, exit 0'],
    [{ stdout: 'all is well\n' }, 'no-carrier.d/10-alert ran, 34 ms, exit 0'],
    [
      { outcome: { kind: 'exited', code: 1 }, stderr: `${'x'.repeat(500)}\n` },
      `no-carrier.d/10-alert FAILED: exit 1 after 34 ms; it said: "${'x'.repeat(160)}…"`,
    ],
    [
      { outcome: { kind: 'exited', code: 1 }, stderr: 'a\rb\r\n\n' },
      'no-carrier.d/10-alert FAILED: exit 1 after 34 ms; it said: "b"',
    ],
  ];
  test.each(rows)('%j', (over, text) => {
    expect(runText(run(over))).toBe(text);
  });

  test('that did what it was there for is information, everything else a warning', () => {
    const story = new ActivityEntries();
    expect(story.tellRun(run(), at(0)).map((line) => line.level)).toEqual(['info']);
    for (const [over] of rows.slice(0, 7))
      expect(story.tellRun(run(over), at(0)).map((line) => line.level)).toEqual(['warn']);
  });
});

describe('a storm', () => {
  const address = (
    i: number,
    kind: 'addressAppeared' | 'addressVanished' = 'addressAppeared',
    link = eth0,
  ): Change => ({
    kind,
    link,
    address: sampleAddress(`10.0.${i >> 8}.${i & 255}`),
  });

  test('of addresses is a few lines and a sum', () => {
    const story = new ActivityEntries();
    const lines: ActivityLine[] = [];
    for (let i = 0; i < 500; i++) lines.push(...story.tell(happening([address(i)]), at(i)));
    for (let i = 0; i < 12; i++)
      lines.push(...story.tell(happening([address(i, 'addressVanished')]), at(600 + i)));
    expect(say(lines)).toEqual([0, 1, 2, 3].map((i) => `eth0: address 10.0.0.${i}/24 added`));
    expect(story.wake(at(4999))).toEqual([]);
    expect(say(story.wake(at(5000)))).toEqual([
      'eth0: 496 more addresses added, 12 more addresses removed in 5 s',
    ]);
  });

  test('that goes on is a sum every few seconds, and then the next line is told again', () => {
    const story = new ActivityEntries();
    const lines: ActivityLine[] = [];
    for (let i = 0; i < 100; i++) lines.push(...story.tell(happening([address(i)]), at(i * 100)));
    expect(say(lines).slice(4)).toEqual(['eth0: 46 more addresses added in 5 s']);
    expect(say(story.wake(at(10_000)))).toEqual(['eth0: 50 more addresses added in 5 s']);
    expect(story.wake(at(15_000))).toEqual([]);
    expect(say(story.tell(happening([address(7)]), at(20_000)))).toEqual(['eth0: address 10.0.0.7/24 added']);
  });

  test('on one link keeps no other from being told', () => {
    const story = new ActivityEntries();
    const eth1 = { ...eth0, index: ifIndex(3), name: 'eth1' };
    for (let i = 0; i < 100; i++) story.tell(happening([address(i)]), at(0));
    expect(say(story.tell(happening([address(1, 'addressAppeared', eth1)]), at(1)))).toEqual([
      'eth1: address 10.0.0.1/24 added',
    ]);
  });

  test('of a flapping link says how it ended', () => {
    const story = new ActivityEntries();
    const lines: ActivityLine[] = [];
    for (let i = 0; i < 50; i++) {
      const change =
        i % 2 === 0 ? operational('routable', 'no-carrier') : operational('no-carrier', 'routable');
      lines.push(...story.tell(happening([change]), at(i)));
    }
    expect(say(lines).length).toBe(12);
    expect(say(story.wake(at(5000)))).toEqual(['eth0: 38 more state changes in 5 s; now routable']);
  });

  test('of failing hooks is a sum that is a warning', () => {
    const story = new ActivityEntries();
    for (let i = 0; i < 40; i++) story.tellRun(run({ outcome: { kind: 'exited', code: 1 } }), at(i));
    expect(story.wake(at(5000)).map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'eth0: 8 more hooks failed in 5 s; now no-carrier'],
    ]);
  });

  test('that fills the queue is told', () => {
    const superseded = Array.from({ length: 30 }, () => ({
      event: sampleEvent({ directory: 'address-added' }),
    }));
    const story = new ActivityEntries();
    expect(say(story.tell(chapter({ superseded }), at(0)))).toEqual([
      'eth0: a waiting address-added event was superseded: hooks are slower than the network',
    ]);
    expect(say(story.wake(at(5000)))).toEqual([
      'eth0: 29 more waiting events superseded in 5 s; now routable',
    ]);
  });
});

describe('the start', () => {
  const found = (count: number): EntryGroup => {
    const changes = Array.from({ length: count }, (_, i): Change => {
      const link = { index: ifIndex(i + 2), generation: generation(0), name: `eth${i}` };
      return operational(undefined, i % 3 === 0 ? 'routable' : 'off', link);
    });
    return happening(changes, { initial: true });
  };

  test('tells each of a few links', () => {
    expect(say(new ActivityEntries().tell(found(2), at(0)))).toEqual(['eth0: routable', 'eth1: off']);
  });

  test('of many tells how many are in which state', () => {
    expect(say(new ActivityEntries().tell(found(1000), at(0)))).toEqual([
      '1000 links: 334 routable; 666 off',
    ]);
  });
});

test('lines go to the log with their level and fields', () => {
  const logger = new RecordingLogger();
  write(new ActivityEntries().tell(happening([operational('routable', 'no-carrier')]), at(0)), logger);
  expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
    ['info', 'eth0: carrier lost (routable → no-carrier)'],
  ]);
});

test('windows do not pile up', () => {
  const ration = new RateLimiter<string>(millis(10));
  for (let i = 0; i < 1000; i++) {
    ration.close(at(i));
    ration.allows(`link ${i}`, 1, at(i));
  }
  expect(ration.size).toBeLessThanOrEqual(11);
});

test('times are told in the unit that one would say', () => {
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

test('transitions have a verb that fits', () => {
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

test('what was found by reading again is marked in the fields, and reads the same', () => {
  const found = happening([operational('routable', 'no-carrier')]);
  const [line] = new ActivityEntries().tell({ ...found, resync: true }, at(0));
  const [plain] = new ActivityEntries().tell(found, at(0));
  expect(line?.message).toBe(plain?.message ?? '');
  expect([line?.fields['resync'], plain?.fields['resync']]).toEqual([true, undefined]);
});
