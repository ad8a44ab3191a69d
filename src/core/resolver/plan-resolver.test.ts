import { beforeEach, describe, expect, test } from 'bun:test';
import {
  ip,
  sampleAddress,
  sampleKernelLink,
  sampleLease,
  sampleLinkObject,
  sampleLinkStatus,
  sampleState,
} from '../../testing/sample-state.ts';
import { after, generation, type Instant, ifIndex, instant, millis } from '../model/ids.ts';
import { mapOf } from '../model/persistent-map.ts';
import type { ActiveLease, LinkStatus, State } from '../model/state.ts';
import type { LinkService, ResolverCall, ResolverResult } from './call.ts';
import { callCommand } from './call-command.ts';
import { planResolver } from './plan-resolver.ts';
import {
  emptyResolverMemory,
  noteResolverOutcomes,
  noteServiceReturned,
  type ResolverMemory,
  resumeResolver,
} from './resolver-memory.ts';
import type { ResolverNotice } from './resolver-notices.ts';
import type { ResolverSettings } from './wanted-settings.ts';

const all: ResolverSettings = {
  useDns: true,
  useDomain: true,
  useHostname: true,
  isMonitored: (name) => !name.startsWith('docker'),
};
const dnsOnly = { ...all, useDomain: false, useHostname: false };

/** A machine whose links are named `eth0`, `eth1` …, with index 2, 3 … */
interface Machine {
  readonly leases?: readonly ActiveLease[];
  /** Addresses of each link; default: those of its leases. */
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
  readonly owners?: Readonly<Record<string, LinkStatus['owner']>>;
  readonly generations?: Readonly<Record<string, number>>;
  readonly links?: readonly string[];
  readonly backend?: State['backend'];
}
function machine({ leases = [], addresses = {}, owners = {}, generations = {}, ...more }: Machine): State {
  const names = more.links ?? ['eth0', 'eth1'];
  const leased = (name: string): string[] =>
    leases.filter((lease) => lease.interfaceName === name).flatMap((lease) => lease.addresses.map(String));
  const parts = names.map((name, i) => {
    const index = ifIndex(2 + i);
    const on = (addresses[name] ?? leased(name)).map((one) => sampleAddress(one, { ifindex: index }));
    const number = generation(generations[name] ?? 1);
    return {
      kernel: sampleKernelLink({
        object: sampleLinkObject({ index, name }),
        generation: number,
        addresses: mapOf(on.map((one) => [one.address, one])),
      }),
      status: sampleLinkStatus({ index, name, generation: number, owner: owners[name] ?? 'dhclient' }),
    };
  });
  const kernelLinks = parts.map(({ kernel }) => kernel);
  const statuses = parts.map(({ status }) => status);
  return sampleState({ kernelLinks, statuses, leases }, { backend: more.backend ?? 'auto' });
}

const lease = (over: Partial<ActiveLease> = {}): ActiveLease =>
  sampleLease({ dns: [ip('192.0.2.53')], domains: ['lan.example'], hostName: 'printer', ...over });
const dns = (name: string, server: string, over: Partial<ActiveLease> = {}): ActiveLease =>
  lease({
    interfaceName: name,
    addresses: [ip(`192.0.2.${name.at(-1)}`)],
    dns: [ip(server)],
    domains: [],
    ...over,
  });

/** The planner, between plans. */
class Planner {
  memory: ResolverMemory = emptyResolverMemory;
  settings: ResolverSettings = all;
  now: Instant = instant(1000);
  readonly notices: ResolverNotice[] = [];
  nextAt: Instant | undefined;
  calls: readonly ResolverCall[] = [];

  /** The commands of the next plan; network1 is told apart by a prefix. */
  plan(state: State): string[] {
    const plan = planResolver(state, this.settings, this.memory, this.now);
    this.memory = plan.memory;
    this.nextAt = plan.nextAt;
    this.notices.push(...plan.notices);
    this.calls = plan.calls;
    return plan.calls.map((call) => {
      const isNetworkd = 'link' in call && call.link.service === 'network1';
      return `${isNetworkd ? 'networkd: ' : ''}${callCommand(call)}`;
    });
  }

  /** The calls of the last plan end like this. */
  end(result: ResolverResult = { kind: 'done' }): this {
    const outcomes = this.calls.map((call) => ({ call, result }));
    this.memory = noteResolverOutcomes(this.memory, outcomes, this.now);
    return this;
  }

  fail(error: string, text = 'why'): this {
    return this.end({ kind: 'failed', error, text });
  }

  wait(time: number): this {
    this.now = after(this.now, millis(time));
    return this;
  }

  returned(service: LinkService): this {
    this.memory = noteServiceReturned(this.memory, service);
    return this;
  }
}

let planner: Planner;
beforeEach(() => {
  planner = new Planner();
});

const busy = 'org.freedesktop.resolve1.LinkBusy';
const denied = 'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired';

describe('what is sent', () => {
  const v6 = lease({
    family: 6,
    addresses: [ip('2001:db8::1')],
    dns: [ip('2001:db8::53'), ip('192.0.2.53')],
    domains: ['six.example', '.', 'lan.example'],
    hostName: 'six',
  });
  const rows: [what: string, settings: Partial<ResolverSettings>, state: Machine, calls: string[]][] = [
    ['nothing without a lease', {}, {}, []],
    [
      'what a lease says',
      {},
      { leases: [lease()] },
      [
        'resolvectl dns eth0 192.0.2.53',
        'resolvectl domain eth0 lan.example',
        'hostnamectl hostname --transient printer',
      ],
    ],
    [
      'nothing that was not asked for',
      { useDns: false, useDomain: false, useHostname: false },
      { leases: [lease()] },
      [],
    ],
    [
      'DNS alone',
      { useDomain: false, useHostname: false },
      { leases: [lease()] },
      ['resolvectl dns eth0 192.0.2.53'],
    ],
    [
      'domains alone',
      { useDns: false, useHostname: false },
      { leases: [lease()] },
      ['resolvectl domain eth0 lan.example'],
    ],
    [
      'the name alone',
      { useDns: false, useDomain: false },
      { leases: [lease()] },
      ['hostnamectl hostname --transient printer'],
    ],
    [
      'both families, once each, IPv4 first',
      {},
      { leases: [v6, lease()] },
      [
        'resolvectl dns eth0 192.0.2.53 2001:db8::53',
        'resolvectl domain eth0 lan.example six.example',
        'hostnamectl hostname --transient printer',
      ],
    ],
    [
      'nothing of a lease without such values',
      {},
      { leases: [lease({ dns: [], domains: [], hostName: 'localhost.localdomain' })] },
      [],
    ],
    [
      'nothing of a link that is not looked after',
      {},
      { links: ['docker0'], leases: [lease({ interfaceName: 'docker0' })] },
      [],
    ],
    ['nothing of a link that is not there', {}, { leases: [lease({ interfaceName: 'eth7' })] }, []],
    ['nothing while another backend is configured', {}, { backend: 'kernel', leases: [lease()] }, []],
    [
      'to networkd, where it manages the link',
      { useHostname: false },
      { owners: { eth0: 'systemd-networkd' }, leases: [lease()] },
      ['networkd: resolvectl dns eth0 192.0.2.53', 'networkd: resolvectl domain eth0 lan.example'],
    ],
    ["nothing of NetworkManager's links", {}, { owners: { eth0: 'NetworkManager' }, leases: [lease()] }, []],
    [
      'nothing of a lease whose address is not on the link',
      {},
      { addresses: { eth0: ['198.51.100.1'] }, leases: [lease()] },
      [],
    ],
    [
      'no server that resolved would refuse',
      { useDomain: false, useHostname: false },
      { leases: [lease({ dns: ['0.0.0.0', '127.0.0.53', '224.0.0.1', '::', '9.9.9.9'].map(ip) })] },
      ['resolvectl dns eth0 9.9.9.9'],
    ],
    [
      'the first label of a name that is too long for the kernel',
      { useDns: false, useDomain: false },
      { leases: [lease({ hostName: `host.${'x'.repeat(62)}.example` })] },
      ['hostnamectl hostname --transient host'],
    ],
    [
      'the name of the lowest of several links',
      { useDns: false, useDomain: false },
      { leases: [dns('eth1', '9.9.9.9', { hostName: 'one' }), dns('eth0', '9.9.9.9', { hostName: 'zero' })] },
      ['hostnamectl hostname --transient zero'],
    ],
  ];
  for (const [what, settings, state, calls] of rows) {
    test(what, () => {
      planner.settings = { ...all, ...settings };
      expect(planner.plan(machine(state))).toEqual(calls);
      planner.end();
      expect(planner.plan(machine(state))).toEqual([]);
      expect(planner.notices).toEqual([]);
    });
  }

  test('nothing before the leases were read', () => {
    const state = machine({ leases: [lease()] });
    expect(planner.plan({ ...state, leases: { ...state.leases, freshness: 'absent' } })).toEqual([]);
  });
});

describe('a change', () => {
  const had = machine({ leases: [lease()] });
  const rows: [what: string, after: State, settings: ResolverSettings, calls: string[]][] = [
    ['of nothing', machine({ leases: [lease({ text: 'EXPIRE=…', expires: 'never' })] }), all, []],
    [
      'of the servers',
      machine({ leases: [lease({ dns: [ip('192.0.2.54')] })] }),
      all,
      ['resolvectl dns eth0 192.0.2.54'],
    ],
    [
      'of the domains',
      machine({ leases: [lease({ domains: ['a.example'] })] }),
      all,
      ['resolvectl domain eth0 a.example'],
    ],
    [
      'of the name',
      machine({ leases: [lease({ hostName: 'other' })] }),
      all,
      ['hostnamectl hostname --transient other'],
    ],
    ['to no servers', machine({ leases: [lease({ dns: [] })] }), all, ["resolvectl dns eth0 ''"]],
    ['to no lease', machine({}), all, ['resolvectl revert eth0', "hostnamectl hostname --transient ''"]],
    ['to no option', had, { ...all, useDns: false, useDomain: false }, ['resolvectl revert eth0']],
    ['to one option less', had, { ...all, useDomain: false }, ["resolvectl domain eth0 ''"]],
    ['to a link that is gone', machine({ links: [] }), all, ["hostnamectl hostname --transient ''"]],
    [
      'to another link of the same index',
      machine({ leases: [lease()], generations: { eth0: 2 } }),
      { ...all, useHostname: false },
      [
        'resolvectl dns eth0 192.0.2.53',
        'resolvectl domain eth0 lan.example',
        "hostnamectl hostname --transient ''",
      ],
    ],
    [
      'to another name of the link',
      machine({ links: ['wan0'], leases: [lease()] }),
      all,
      ['resolvectl revert eth0', "hostnamectl hostname --transient ''"],
    ],
    [
      'to networkd',
      machine({ leases: [lease()], owners: { eth0: 'systemd-networkd' } }),
      all,
      ['networkd: resolvectl dns eth0 192.0.2.53', 'networkd: resolvectl domain eth0 lan.example'],
    ],
    [
      'to NetworkManager',
      machine({ leases: [lease()], owners: { eth0: 'NetworkManager' } }),
      all,
      ["hostnamectl hostname --transient ''"],
    ],
  ];
  for (const [what, next, settings, calls] of rows) {
    test(what, () => {
      planner.plan(had);
      planner.end();
      planner.settings = settings;
      expect(planner.plan(next)).toEqual(calls);
      planner.end();
      expect(planner.plan(next)).toEqual([]);
    });
  }

  test('while calls are under way waits for their end; what came last wins', () => {
    planner.settings = dnsOnly;
    expect(planner.plan(machine({ leases: [dns('eth0', '192.0.2.1')] }))).toHaveLength(1);
    const { calls } = planner;
    expect(planner.plan(machine({ leases: [dns('eth0', '192.0.2.2')] }))).toEqual([]);
    const last = machine({ leases: [dns('eth0', '192.0.2.3'), dns('eth1', '192.0.2.4')] });
    expect(planner.plan(last)).toEqual(['resolvectl dns eth1 192.0.2.4']);
    planner.end();
    planner.calls = calls;
    planner.end();
    expect(planner.plan(last)).toEqual(['resolvectl dns eth0 192.0.2.3']);
  });

  test('of the address leaves everything as it was until the new one is there', () => {
    planner.settings = dnsOnly;
    planner.plan(machine({ leases: [dns('eth0', '192.0.2.53')] }));
    planner.end();
    const moved = dns('eth0', '192.0.2.54', { addresses: [ip('192.0.2.99')] });
    expect(planner.plan(machine({ leases: [moved], addresses: { eth0: ['192.0.2.0'] } }))).toEqual([]);
    expect(planner.plan(machine({ leases: [moved], addresses: { eth0: [] } }))).toEqual([]);
    expect(planner.plan(machine({ leases: [moved] }))).toEqual(['resolvectl dns eth0 192.0.2.54']);
  });

  test('of the address that never comes takes back what was sent', () => {
    planner.settings = dnsOnly;
    planner.plan(machine({ leases: [dns('eth0', '192.0.2.53')] }));
    planner.end();
    const without = machine({ leases: [dns('eth0', '192.0.2.53')], addresses: { eth0: [] } });
    expect(planner.plan(without)).toEqual([]);
    expect(planner.nextAt).toBe(after(planner.now, millis(5000)));
    expect(planner.wait(4999).plan(without)).toEqual([]);
    expect(planner.wait(1).plan(without)).toEqual(['resolvectl revert eth0']);
    planner.end();
    expect(planner.plan(machine({ leases: [dns('eth0', '192.0.2.53')] }))).toHaveLength(1);
  });

  test('of the name on one of two links changes to the other one', () => {
    planner.settings = { ...all, useDns: false, useDomain: false };
    const one = dns('eth1', '9.9.9.9', { hostName: 'one' });
    const zero = dns('eth0', '9.9.9.9', { hostName: 'zero' });
    expect(planner.plan(machine({ leases: [one] }))).toEqual(['hostnamectl hostname --transient one']);
    planner.end();
    expect(planner.plan(machine({ leases: [zero, one] }))).toEqual([]);
    expect(planner.plan(machine({ leases: [zero] }))).toEqual(['hostnamectl hostname --transient zero']);
  });
});

describe('a refusal', () => {
  const state = machine({ leases: [dns('eth0', '192.0.2.53')] });
  beforeEach(() => {
    planner.settings = dnsOnly;
    planner.plan(state);
  });

  test('because networkd manages the link sends the call there', () => {
    planner.fail(busy, 'Link eth0 is managed.');
    expect(planner.plan(state)).toEqual(['networkd: resolvectl dns eth0 192.0.2.53']);
    planner.end();
    expect(planner.plan(state)).toEqual([]);
    expect(planner.plan(machine({}))).toEqual(['networkd: resolvectl revert eth0']);
    expect(planner.notices).toEqual([]);
  });

  test('by both of them is tried ever less often, and told once', () => {
    let asked = 0;
    for (let time = 0; time < 600; time++) {
      for (let calls = planner.calls.length; calls > 0; calls = planner.plan(state).length) {
        asked++;
        const [call] = planner.calls;
        const isNetworkd = call !== undefined && 'link' in call && call.link.service === 'network1';
        if (isNetworkd) planner.fail('org.freedesktop.network1.UnmanagedInterface');
        else planner.fail(busy);
      }
      planner.wait(1000).plan(state);
    }
    expect(asked).toBeLessThan(40);
    expect(asked).toBeGreaterThan(20);
    expect(planner.notices.map(({ key }) => key)).toEqual([
      'unmanaged network1 eth0 org.freedesktop.network1.UnmanagedInterface',
    ]);
  });

  test('because polkit has no rule is told once for all links, and tried again every minute', () => {
    planner.fail(denied);
    const two = machine({ leases: [dns('eth0', '192.0.2.53'), dns('eth1', '192.0.2.54')] });
    expect(planner.plan(two)).toEqual(['resolvectl dns eth1 192.0.2.54']);
    planner.fail(denied);
    expect(planner.wait(59_999).plan(two)).toEqual([]);
    expect(planner.wait(2).plan(two)).toHaveLength(2);
    planner.fail(denied);
    planner.plan(two);
    expect(planner.notices.map(({ key }) => key)).toEqual(['denied resolve1']);
    planner.wait(60_001).plan(two);
    planner.end();
    expect(planner.plan(two)).toEqual([]);
  });

  test('is told anew when it begins anew', () => {
    planner.fail(denied);
    planner.plan(state);
    planner.wait(60_000).plan(state);
    planner.end();
    planner.plan(state);
    expect(planner.plan(machine({ leases: [dns('eth0', '192.0.2.99')] }))).toHaveLength(1);
    planner.fail(denied);
    planner.plan(machine({ leases: [dns('eth0', '192.0.2.99')] }));
    expect(planner.notices).toHaveLength(2);
  });

  test('does not hold back another value', () => {
    planner.fail(denied);
    expect(planner.plan(machine({ leases: [dns('eth0', '192.0.2.99')] }))).toHaveLength(1);
  });

  test('of a value is final for that value, and holds nothing else back', () => {
    planner.settings = { ...all, useHostname: false };
    planner.fail('org.freedesktop.DBus.Error.InvalidArgs');
    const both = machine({ leases: [dns('eth0', '192.0.2.53', { domains: ['a.example'] })] });
    expect(planner.plan(both)).toEqual(['resolvectl domain eth0 a.example']);
    planner.end();
    expect(planner.wait(10_000_000).plan(both)).toEqual([]);
    expect(planner.notices.map(({ kind }) => kind)).toEqual(['refused']);
  });

  test('because resolved has not heard of the link yet is tried again soon, and not told', () => {
    planner.fail('org.freedesktop.resolve1.NoSuchLink');
    expect(planner.plan(state)).toEqual([]);
    expect(planner.nextAt).toBe(after(planner.now, millis(100)));
    expect(planner.wait(100).plan(state)).toHaveLength(1);
    expect(planner.notices).toEqual([]);
  });

  test('because the link is gone is success for a revert', () => {
    planner.end();
    expect(planner.plan(machine({}))).toEqual(['resolvectl revert eth0']);
    planner.fail('org.freedesktop.resolve1.NoSuchLink');
    expect(planner.plan(machine({}))).toEqual([]);
    expect([planner.memory.failures.size, planner.memory.links.size]).toEqual([0, 0]);
  });

  test('to take something back is tried again', () => {
    planner.end();
    planner.plan(machine({}));
    planner.fail('org.example.Odd');
    expect(planner.plan(machine({}))).toEqual([]);
    expect(planner.wait(100).plan(machine({}))).toEqual(['resolvectl revert eth0']);
  });
});

describe('silence', () => {
  const state = machine({ leases: [lease()] });

  test('may mean that it was done: it is sent again, and taken back', () => {
    planner.settings = dnsOnly;
    planner.plan(state);
    planner.fail('netevd.TimedOut');
    expect(planner.plan(machine({}))).toEqual(['resolvectl revert eth0']);
  });

  test('is told when it lasts', () => {
    planner.settings = dnsOnly;
    planner.plan(state);
    for (let i = 0; i < 6; i++) {
      planner.fail('netevd.TimedOut');
      planner.plan(state);
      planner.wait(60_000).plan(state);
    }
    expect(planner.notices.map(({ key }) => key)).toEqual(['unanswered resolve1']);
  });

  test('of a service that comes back ends: what it may have forgotten is sent again', () => {
    planner.plan(state);
    planner.end();
    expect(planner.returned('network1').plan(state)).toEqual([]);
    expect(planner.returned('resolve1').plan(state)).toEqual([
      'resolvectl dns eth0 192.0.2.53',
      'resolvectl domain eth0 lan.example',
    ]);
  });

  test('of a service that comes back while it is asked is asked again', () => {
    planner.settings = dnsOnly;
    planner.plan(state);
    planner.returned('resolve1').end();
    expect(planner.plan(state)).toEqual(['resolvectl dns eth0 192.0.2.53']);
    planner.end();
    expect(planner.plan(state)).toEqual([]);
  });

  test('of a bus that comes back ends at once', () => {
    planner.settings = dnsOnly;
    planner.plan(state);
    for (let i = 0; i < 10; i++) {
      planner.fail('netevd.Disconnected');
      planner.wait(60_000).plan(state);
    }
    planner.fail('netevd.Disconnected');
    expect(planner.plan(state)).toEqual([]);
    expect(planner.returned('resolve1').plan(state)).toHaveLength(1);
  });
});

describe("the host's name", () => {
  const state = machine({ leases: [lease({ dns: [], domains: [] })] });

  test('that shows no effect is told once', () => {
    planner.plan(state);
    planner.end({ kind: 'done', staticName: 'fixed' });
    planner.plan(state);
    planner.wait(100_000).plan(state);
    expect(planner.notices).toEqual([
      { key: 'overruled printer fixed', kind: 'overruled', name: 'printer', staticName: 'fixed' },
    ]);
    expect(planner.plan(machine({}))).toEqual(["hostnamectl hostname --transient ''"]);
  });

  const befores: [before: string | undefined, reset: string][] = [
    ['laptop', 'hostnamectl hostname --transient laptop'],
    ['localhost', "hostnamectl hostname --transient ''"],
    ['localhost.localdomain', "hostnamectl hostname --transient ''"],
    [undefined, "hostnamectl hostname --transient ''"],
  ];
  for (const [before, reset] of befores) {
    test(`that took the place of ${before} gives it back, whatever came in between`, () => {
      planner.plan(state);
      planner.end({ kind: 'done', ...(before !== undefined && { before }) });
      planner.plan(machine({ leases: [lease({ dns: [], domains: [], hostName: 'other' })] }));
      planner.end({ kind: 'done', before: 'printer' });
      expect(planner.plan(machine({}))).toEqual([reset]);
    });
  }

  test('that was refused is told with hostnamed', () => {
    planner.plan(state);
    planner.fail(denied);
    planner.plan(state);
    expect(planner.notices.map(({ key }) => key)).toEqual(['denied hostname1']);
  });
});

describe('after a restart', () => {
  const recovered = machine({ leases: [lease()] });

  test('what is still so is sent once more', () => {
    planner.memory = resumeResolver(recovered, all);
    expect(planner.plan(recovered)).toHaveLength(3);
    planner.end();
    expect(planner.plan(recovered)).toEqual([]);
  });

  test('what has ended meanwhile is taken back', () => {
    planner.memory = resumeResolver(recovered, all);
    expect(planner.plan(machine({}))).toEqual([
      'resolvectl revert eth0',
      "hostnamectl hostname --transient ''",
    ]);
  });

  test('nothing is taken back that was not sent', () => {
    planner.memory = resumeResolver(machine({}), all);
    expect(planner.plan(machine({}))).toEqual([]);
    planner.memory = resumeResolver(recovered, {
      ...all,
      useDns: false,
      useDomain: false,
      useHostname: false,
    });
    expect(planner.plan(machine({}))).toEqual([]);
  });
});
