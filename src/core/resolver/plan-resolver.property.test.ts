/**
 * The planner with services that refuse, time out, forget and return: finally they have the wanted settings.
 */

import { expect, test } from 'bun:test';
import fc from 'fast-check';
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
import { linkKey } from '../model/keys.ts';
import { mapOf } from '../model/persistent-map.ts';
import type { State } from '../model/state.ts';
import type { LinkService, ResolverCall, ResolverResult } from './call.ts';
import { planResolver } from './plan-resolver.ts';
import {
  emptyResolverMemory,
  noteResolverOutcomes,
  noteServiceReturned,
  type ResolverMemory,
} from './resolver-memory.ts';
import type { ResolverSettings } from './wanted-settings.ts';

/** `networkd-unreported`: networkd manages the link but has not reported it. */
type LinkManager = 'none' | 'networkd' | 'networkd-unreported';
interface LinkScenario {
  readonly manager: LinkManager;
  readonly generation: number;
  readonly dns: readonly string[];
  readonly domains: readonly string[];
}
type Step =
  | { readonly kind: 'link'; readonly index: number; readonly link: LinkScenario | undefined }
  | { readonly kind: 'mode'; readonly mode: ServiceMode }
  | { readonly kind: 'restart'; readonly service: LinkService }
  | { readonly kind: 'wait'; readonly time: number };
type ServiceMode = 'normal' | 'denying' | 'silent' | 'done but silent';

/** The settings of a link in a service. */
interface StoredSettings {
  dns: readonly string[];
  domains: readonly string[];
}

class World {
  readonly links = new Map<number, LinkScenario>();
  readonly services: Record<LinkService, Map<string, StoredSettings>> = {
    resolve1: new Map(),
    network1: new Map(),
  };
  private readonly newGenerations = new Map<number, number>();
  mode: ServiceMode = 'normal';
  memory: ResolverMemory = emptyResolverMemory;
  now: Instant = instant(0);
  readonly settings: ResolverSettings = {
    useDns: true,
    useDomain: true,
    useHostname: false,
    isMonitored: () => true,
  };

  state(): State {
    const links = [...this.links].toSorted(([a], [b]) => a - b);
    return sampleState({
      kernelLinks: links.map(([index, link]) => {
        const address = sampleAddress(`192.0.2.${index}`, { ifindex: ifIndex(index) });
        return sampleKernelLink({
          object: sampleLinkObject({ index: ifIndex(index), name: `eth${index}` }),
          generation: generation(this.generationOf(index, link)),
          addresses: mapOf([[address.address, address]]),
        });
      }),
      statuses: links.map(([index, link]) =>
        sampleLinkStatus({
          index: ifIndex(index),
          name: `eth${index}`,
          generation: generation(this.generationOf(index, link)),
          owner: link.manager === 'networkd' ? 'systemd-networkd' : 'dhclient',
        }),
      ),
      leases: links.map(([index, { dns, domains }]) =>
        sampleLease({
          interfaceName: `eth${index}`,
          addresses: [ip(`192.0.2.${index}`)],
          dns: dns.map(ip),
          domains,
        }),
      ),
    });
  }

  step(step: Step): void {
    switch (step.kind) {
      case 'link':
        this.change(step.index, step.link);
        break;
      case 'mode':
        this.mode = step.mode;
        break;
      case 'restart':
        this.services[step.service].clear();
        this.memory = noteServiceReturned(this.memory, step.service);
        break;
      case 'wait':
        this.now = after(this.now, millis(step.time));
    }
    this.plan();
  }

  /** One plan, and the answers to it. */
  plan(): number {
    const plan = planResolver(this.state(), this.settings, this.memory, this.now);
    const failedLanes = new Set<string>();
    const outcomes = plan.calls.flatMap((call) => {
      const lane = 'link' in call ? linkKey(call.link) : '';
      if (failedLanes.has(lane)) return [];
      const result = this.answer(call);
      if (result.kind === 'failed') failedLanes.add(lane);
      return [{ call, result }];
    });
    this.memory = noteResolverOutcomes(plan.memory, outcomes, this.now);
    return plan.calls.length;
  }

  private change(index: number, link: LinkScenario | undefined): void {
    const before = this.links.get(index);
    // No source reports such a change of the manager, so it only happens with a new link.
    const isHidden = [before, link].some((one) => one?.manager === 'networkd-unreported');
    const isNewLink = isHidden && before?.manager !== link?.manager;
    if (isNewLink) this.newGenerations.set(index, (this.newGenerations.get(index) ?? 0) + 10);
    const isOther = before?.generation !== link?.generation;
    const changesManager = (before?.manager === 'none') !== (link?.manager === 'none') || isNewLink;
    // Services identify a link by its index; they forget the settings of a new link or one with a new
    // manager.
    if (isOther || changesManager)
      for (const settings of Object.values(this.services)) settings.delete(String(index));
    if (link === undefined) this.links.delete(index);
    else this.links.set(index, link);
  }

  private generationOf(index: number, link: LinkScenario): number {
    return link.generation + (this.newGenerations.get(index) ?? 0);
  }

  private answer(call: ResolverCall): ResolverResult {
    if (!('link' in call)) return { kind: 'done' };
    const { index, service, generation: number } = call.link;
    if (this.mode === 'denying') return no('org.freedesktop.DBus.Error.InteractiveAuthorizationRequired');
    if (this.mode === 'silent') return no('netevd.TimedOut');
    const link = this.links.get(index);
    if (link === undefined || this.generationOf(index, link) !== number)
      return no('org.freedesktop.resolve1.NoSuchLink');
    const isManaged = link.manager !== 'none';
    if (service === 'resolve1' && isManaged) return no('org.freedesktop.resolve1.LinkBusy');
    if (service === 'network1' && !isManaged) return no('org.freedesktop.network1.UnmanagedInterface');
    const stored = this.services[service];
    if (call.kind === 'revertLink') stored.delete(String(index));
    else {
      const { dns, domains } = stored.get(String(index)) ?? { dns: [], domains: [] };
      stored.set(String(index), {
        dns: call.kind === 'setLinkDns' ? call.servers : dns,
        domains: call.kind === 'setLinkDomains' ? call.domains : domains,
      });
    }
    return this.mode === 'done but silent' ? no('netevd.TimedOut') : { kind: 'done' };
  }
}

const no = (error: string): ResolverResult => ({ kind: 'failed', error, text: '' });

const scenario: fc.Arbitrary<LinkScenario> = fc.record({
  manager: fc.constantFrom<LinkManager>('none', 'none', 'networkd', 'networkd-unreported'),
  generation: fc.constantFrom(1, 1, 1, 1, 2),
  dns: fc.uniqueArray(fc.constantFrom('192.0.2.51', '192.0.2.52', '2001:db8::53'), { maxLength: 2 }),
  domains: fc.uniqueArray(fc.constantFrom('a.example', 'b.example'), { maxLength: 2 }),
});
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('link' as const),
    index: fc.constantFrom(2, 2, 3),
    link: fc.option(scenario, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('mode' as const),
    mode: fc.constantFrom<ServiceMode>('normal', 'normal', 'denying', 'silent', 'done but silent'),
  }),
  fc.record({
    kind: fc.constant('restart' as const),
    service: fc.constantFrom<LinkService>('resolve1', 'network1'),
  }),
  fc.record({ kind: fc.constant('wait' as const), time: fc.integer({ min: 0, max: 5000 }) }),
);

/**
 * A link moves to networkd with an empty lease and returns with its earlier settings, which resolved has
 * forgotten.
 */
const thereAndBack: Step[] = [
  { manager: 'none', domains: ['a.example'] } as const,
  { manager: 'networkd', domains: [] } as const,
  { manager: 'none', domains: ['a.example'] } as const,
].map((link) => ({ kind: 'link', index: 2, link: { generation: 1, dns: [], ...link } }));

test('after any sequence of steps the services have the wanted settings, and no further call is made', () => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { maxLength: 40 }), (steps) => {
      const world = new World();
      for (const step of steps) world.step(step);
      world.mode = 'normal';
      // A minute is the longest delay; a link that both services refuse takes several of them.
      for (let i = 0; i < 10; i++) world.step({ kind: 'wait', time: 60_001 });
      const stored = Object.values(world.services).map((of) =>
        Object.fromEntries([...of].filter(([, one]) => one.dns.length + one.domains.length > 0)),
      );
      const wanted = [...world.links].filter(([, { dns, domains }]) => dns.length + domains.length > 0);
      const of = (isManaged: boolean): unknown =>
        Object.fromEntries(
          wanted
            .filter(([, { manager }]) => (manager !== 'none') === isManaged)
            .map(([index, { dns, domains }]) => [String(index), { dns, domains }]),
        );
      expect(stored).toEqual([of(false), of(true)] as typeof stored);
      expect(world.plan()).toBe(0);
      expect(world.memory.inFlight.size).toBe(0);
    }),
    { numRuns: 2000, examples: [[thereAndBack]] },
  );
});
