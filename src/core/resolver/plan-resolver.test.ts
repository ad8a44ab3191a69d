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

/** Runs the planner and stores its memory between plans. */
class Planner {
  memory: ResolverMemory = emptyResolverMemory;
  settings: ResolverSettings = all;
  now: Instant = instant(1000);
  readonly notices: ResolverNotice[] = [];
  nextAt: Instant | undefined;
  calls: readonly ResolverCall[] = [];

  /** Returns the commands of the next plan, with a prefix for calls to networkd. */
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

  /** Ends the calls of the last plan with `result`. */
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

describe('planResolver: wanted settings', () => {
  const v6 = lease({
    family: 6,
    addresses: [ip('2001:db8::1')],
    dns: [ip('2001:db8::53'), ip('192.0.2.53')],
    domains: ['six.example', '.', 'lan.example'],
    hostName: 'six',
  });
  const rows: [name: string, settings: Partial<ResolverSettings>, state: Machine, calls: string[]][] = [
    ['no lease', {}, {}, []],
    [
      'the settings of a lease',
      {},
      { leases: [lease()] },
      [
        'resolvectl dns eth0 192.0.2.53',
        'resolvectl domain eth0 lan.example',
        'hostnamectl hostname --transient printer',
      ],
    ],
    ['disabled settings', { useDns: false, useDomain: false, useHostname: false }, { leases: [lease()] }, []],
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
      'the host name alone',
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
      'a lease without settings',
      {},
      { leases: [lease({ dns: [], domains: [], hostName: 'localhost.localdomain' })] },
      [],
    ],
    [
      'a link that is not monitored',
      {},
      { links: ['docker0'], leases: [lease({ interfaceName: 'docker0' })] },
      [],
    ],
    ['an unknown link', {}, { leases: [lease({ interfaceName: 'eth7' })] }, []],
    ['another backend', {}, { backend: 'kernel', leases: [lease()] }, []],
    [
      'a link of networkd',
      { useHostname: false },
      { owners: { eth0: 'systemd-networkd' }, leases: [lease()] },
      ['networkd: resolvectl dns eth0 192.0.2.53', 'networkd: resolvectl domain eth0 lan.example'],
    ],
    ['a link of NetworkManager', {}, { owners: { eth0: 'NetworkManager' }, leases: [lease()] }, []],
    [
      'a lease whose address is not on the link',
      {},
      { addresses: { eth0: ['198.51.100.1'] }, leases: [lease()] },
      [],
    ],
    [
      'servers that resolved refuses',
      { useDomain: false, useHostname: false },
      { leases: [lease({ dns: ['0.0.0.0', '127.0.0.53', '224.0.0.1', '::', '9.9.9.9'].map(ip) })] },
      ['resolvectl dns eth0 9.9.9.9'],
    ],
    [
      'a host name that is too long for the kernel',
      { useDns: false, useDomain: false },
      { leases: [lease({ hostName: `host.${'x'.repeat(62)}.example` })] },
      ['hostnamectl hostname --transient host'],
    ],
    [
      'host names of several links',
      { useDns: false, useDomain: false },
      { leases: [dns('eth1', '9.9.9.9', { hostName: 'one' }), dns('eth0', '9.9.9.9', { hostName: 'zero' })] },
      ['hostnamectl hostname --transient zero'],
    ],
  ];
  for (const [name, settings, state, calls] of rows) {
    test(`the right calls are made for: ${name}`, () => {
      planner.settings = { ...all, ...settings };
      expect(planner.plan(machine(state))).toEqual(calls);
      planner.end();
      expect(planner.plan(machine(state))).toEqual([]);
      expect(planner.notices).toEqual([]);
    });
  }

  test('nothing is sent before the leases are read', () => {
    const state = machine({ leases: [lease()] });
    expect(planner.plan({ ...state, leases: { ...state.leases, freshness: 'absent' } })).toEqual([]);
  });
});

describe('planResolver: changes', () => {
  const had = machine({ leases: [lease()] });
  const rows: [name: string, after: State, settings: ResolverSettings, calls: string[]][] = [
    ['a renewal', machine({ leases: [lease({ text: 'EXPIRE=…', expires: 'never' })] }), all, []],
    [
      'other servers',
      machine({ leases: [lease({ dns: [ip('192.0.2.54')] })] }),
      all,
      ['resolvectl dns eth0 192.0.2.54'],
    ],
    [
      'other domains',
      machine({ leases: [lease({ domains: ['a.example'] })] }),
      all,
      ['resolvectl domain eth0 a.example'],
    ],
    [
      'another host name',
      machine({ leases: [lease({ hostName: 'other' })] }),
      all,
      ['hostnamectl hostname --transient other'],
    ],
    ['no servers', machine({ leases: [lease({ dns: [] })] }), all, ["resolvectl dns eth0 ''"]],
    ['no lease', machine({}), all, ['resolvectl revert eth0', "hostnamectl hostname --transient ''"]],
    ['no settings', had, { ...all, useDns: false, useDomain: false }, ['resolvectl revert eth0']],
    ['one setting less', had, { ...all, useDomain: false }, ["resolvectl domain eth0 ''"]],
    ['a vanished link', machine({ links: [] }), all, ["hostnamectl hostname --transient ''"]],
    [
      'another link with the same index',
      machine({ leases: [lease()], generations: { eth0: 2 } }),
      { ...all, useHostname: false },
      [
        'resolvectl dns eth0 192.0.2.53',
        'resolvectl domain eth0 lan.example',
        "hostnamectl hostname --transient ''",
      ],
    ],
    [
      'a renamed link',
      machine({ links: ['wan0'], leases: [lease()] }),
      all,
      ['resolvectl revert eth0', "hostnamectl hostname --transient ''"],
    ],
    [
      'a link that networkd takes over',
      machine({ leases: [lease()], owners: { eth0: 'systemd-networkd' } }),
      all,
      ['networkd: resolvectl dns eth0 192.0.2.53', 'networkd: resolvectl domain eth0 lan.example'],
    ],
    [
      'a link that NetworkManager takes over',
      machine({ leases: [lease()], owners: { eth0: 'NetworkManager' } }),
      all,
      ["hostnamectl hostname --transient ''"],
    ],
  ];
  for (const [name, next, settings, calls] of rows) {
    test(`the right calls are made after a change to: ${name}`, () => {
      planner.plan(had);
      planner.end();
      planner.settings = settings;
      expect(planner.plan(next)).toEqual(calls);
      planner.end();
      expect(planner.plan(next)).toEqual([]);
    });
  }

  test('a change during calls waits for their end, and the last one wins', () => {
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

  test('settings stay until the new address of a lease is on the link', () => {
    planner.settings = dnsOnly;
    planner.plan(machine({ leases: [dns('eth0', '192.0.2.53')] }));
    planner.end();
    const moved = dns('eth0', '192.0.2.54', { addresses: [ip('192.0.2.99')] });
    expect(planner.plan(machine({ leases: [moved], addresses: { eth0: ['192.0.2.0'] } }))).toEqual([]);
    expect(planner.plan(machine({ leases: [moved], addresses: { eth0: [] } }))).toEqual([]);
    expect(planner.plan(machine({ leases: [moved] }))).toEqual(['resolvectl dns eth0 192.0.2.54']);
  });

  test('settings are reverted if the address of a lease does not appear', () => {
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

  test('the host name changes to that of another link when its lease ends', () => {
    planner.settings = { ...all, useDns: false, useDomain: false };
    const one = dns('eth1', '9.9.9.9', { hostName: 'one' });
    const zero = dns('eth0', '9.9.9.9', { hostName: 'zero' });
    expect(planner.plan(machine({ leases: [one] }))).toEqual(['hostnamectl hostname --transient one']);
    planner.end();
    expect(planner.plan(machine({ leases: [zero, one] }))).toEqual([]);
    expect(planner.plan(machine({ leases: [zero] }))).toEqual(['hostnamectl hostname --transient zero']);
  });
});

describe('planResolver: refusals', () => {
  const state = machine({ leases: [dns('eth0', '192.0.2.53')] });
  beforeEach(() => {
    planner.settings = dnsOnly;
    planner.plan(state);
  });

  test('a call that resolved refuses for a managed link goes to networkd', () => {
    planner.fail(busy, 'Link eth0 is managed.');
    expect(planner.plan(state)).toEqual(['networkd: resolvectl dns eth0 192.0.2.53']);
    planner.end();
    expect(planner.plan(state)).toEqual([]);
    expect(planner.plan(machine({}))).toEqual(['networkd: resolvectl revert eth0']);
    expect(planner.notices).toEqual([]);
  });

  test('a call that both services refuse is retried with growing delays and reported once', () => {
    let attempts = 0;
    for (let time = 0; time < 600; time++) {
      for (let calls = planner.calls.length; calls > 0; calls = planner.plan(state).length) {
        attempts++;
        const [call] = planner.calls;
        const isNetworkd = call !== undefined && 'link' in call && call.link.service === 'network1';
        if (isNetworkd) planner.fail('org.freedesktop.network1.UnmanagedInterface');
        else planner.fail(busy);
      }
      planner.wait(1000).plan(state);
    }
    expect(attempts).toBeLessThan(40);
    expect(attempts).toBeGreaterThan(20);
    expect(planner.notices.map(({ key }) => key)).toEqual([
      'unmanaged network1 eth0 org.freedesktop.network1.UnmanagedInterface',
    ]);
  });

  test('a missing polkit rule is reported once for all links and retried every minute', () => {
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

  test('a refusal that returns is reported again', () => {
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

  test('a refusal does not postpone another value', () => {
    planner.fail(denied);
    expect(planner.plan(machine({ leases: [dns('eth0', '192.0.2.99')] }))).toHaveLength(1);
  });

  test('an invalid value is not retried and does not postpone other calls', () => {
    planner.settings = { ...all, useHostname: false };
    planner.fail('org.freedesktop.DBus.Error.InvalidArgs');
    const both = machine({ leases: [dns('eth0', '192.0.2.53', { domains: ['a.example'] })] });
    expect(planner.plan(both)).toEqual(['resolvectl domain eth0 a.example']);
    planner.end();
    expect(planner.wait(10_000_000).plan(both)).toEqual([]);
    expect(planner.notices.map(({ kind }) => kind)).toEqual(['refused']);
  });

  test('a link that resolved does not know yet is retried soon and not reported', () => {
    planner.fail('org.freedesktop.resolve1.NoSuchLink');
    expect(planner.plan(state)).toEqual([]);
    expect(planner.nextAt).toBe(after(planner.now, millis(100)));
    expect(planner.wait(100).plan(state)).toHaveLength(1);
    expect(planner.notices).toEqual([]);
  });

  test('a revert of a vanished link counts as done', () => {
    planner.end();
    expect(planner.plan(machine({}))).toEqual(['resolvectl revert eth0']);
    planner.fail('org.freedesktop.resolve1.NoSuchLink');
    expect(planner.plan(machine({}))).toEqual([]);
    expect([planner.memory.failures.size, planner.memory.links.size]).toEqual([0, 0]);
  });

  test('a refused revert is retried', () => {
    planner.end();
    planner.plan(machine({}));
    planner.fail('org.example.Odd');
    expect(planner.plan(machine({}))).toEqual([]);
    expect(planner.wait(100).plan(machine({}))).toEqual(['resolvectl revert eth0']);
  });
});

describe('planResolver: unanswered calls', () => {
  const state = machine({ leases: [lease()] });

  test('an unanswered call may have been executed and is reverted', () => {
    planner.settings = dnsOnly;
    planner.plan(state);
    planner.fail('netevd.TimedOut');
    expect(planner.plan(machine({}))).toEqual(['resolvectl revert eth0']);
  });

  test('repeated timeouts are reported once', () => {
    planner.settings = dnsOnly;
    planner.plan(state);
    for (let i = 0; i < 6; i++) {
      planner.fail('netevd.TimedOut');
      planner.plan(state);
      planner.wait(60_000).plan(state);
    }
    expect(planner.notices.map(({ key }) => key)).toEqual(['unanswered resolve1']);
  });

  test('settings are sent again to a service that returned', () => {
    planner.plan(state);
    planner.end();
    expect(planner.returned('network1').plan(state)).toEqual([]);
    expect(planner.returned('resolve1').plan(state)).toEqual([
      'resolvectl dns eth0 192.0.2.53',
      'resolvectl domain eth0 lan.example',
    ]);
  });

  test('settings are sent again to a service that returned during a call', () => {
    planner.settings = dnsOnly;
    planner.plan(state);
    planner.returned('resolve1').end();
    expect(planner.plan(state)).toEqual(['resolvectl dns eth0 192.0.2.53']);
    planner.end();
    expect(planner.plan(state)).toEqual([]);
  });

  test('a returned bus ends the delay at once', () => {
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

describe('planResolver: host name', () => {
  const state = machine({ leases: [lease({ dns: [], domains: [] })] });

  test('a host name without effect is reported once', () => {
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
    test(`the host name ${before} is restored after several other names`, () => {
      planner.plan(state);
      planner.end({ kind: 'done', ...(before !== undefined && { before }) });
      planner.plan(machine({ leases: [lease({ dns: [], domains: [], hostName: 'other' })] }));
      planner.end({ kind: 'done', before: 'printer' });
      expect(planner.plan(machine({}))).toEqual([reset]);
    });
  }

  test('a refused host name is reported for hostnamed', () => {
    planner.plan(state);
    planner.fail(denied);
    planner.plan(state);
    expect(planner.notices.map(({ key }) => key)).toEqual(['denied hostname1']);
  });
});

describe('planResolver: restart', () => {
  const recovered = machine({ leases: [lease()] });

  test('settings of an earlier run are sent once more', () => {
    planner.memory = resumeResolver(recovered, all);
    expect(planner.plan(recovered)).toHaveLength(3);
    planner.end();
    expect(planner.plan(recovered)).toEqual([]);
  });

  test('settings of an earlier run are reverted if the lease has ended', () => {
    planner.memory = resumeResolver(recovered, all);
    expect(planner.plan(machine({}))).toEqual([
      'resolvectl revert eth0',
      "hostnamectl hostname --transient ''",
    ]);
  });

  test('settings that an earlier run did not send are not reverted', () => {
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
