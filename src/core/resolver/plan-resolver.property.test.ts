/** The planner beside services that refuse, fall silent, forget and come back: in the end they hold what is wanted. */
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
import { mapOf } from '../model/persistent-map.ts';
import type { State } from '../model/state.ts';
import { type LinkService, linkKey, type ResolverCall, type ResolverResult } from './call.ts';
import { planResolver } from './plan-resolver.ts';
import {
  emptyResolverMemory,
  noteResolverOutcomes,
  noteServiceReturned,
  type ResolverMemory,
} from './resolver-memory.ts';
import type { ResolverSettings } from './wanted-settings.ts';

type Manager = 'nobody' | 'networkd' | 'networkd, unheard of';
interface LinkPlot {
  readonly manager: Manager;
  readonly generation: number;
  readonly dns: readonly string[];
  readonly domains: readonly string[];
}
type Step =
  | { readonly kind: 'link'; readonly index: number; readonly plot: LinkPlot | undefined }
  | { readonly kind: 'mood'; readonly mood: Mood }
  | { readonly kind: 'restart'; readonly service: LinkService }
  | { readonly kind: 'wait'; readonly time: number };
type Mood = 'willing' | 'denying' | 'silent' | 'done but silent';

/** What a service holds of a link. */
interface Held {
  dns: readonly string[];
  domains: readonly string[];
}

class World {
  readonly plots = new Map<number, LinkPlot>();
  readonly services: Record<LinkService, Map<string, Held>> = { resolve1: new Map(), network1: new Map() };
  private readonly births = new Map<number, number>();
  mood: Mood = 'willing';
  memory: ResolverMemory = emptyResolverMemory;
  now: Instant = instant(0);
  readonly settings: ResolverSettings = {
    useDns: true,
    useDomain: true,
    useHostname: false,
    isMonitored: () => true,
  };

  state(): State {
    const plots = [...this.plots].toSorted(([a], [b]) => a - b);
    return sampleState({
      kernelLinks: plots.map(([index, plot]) => {
        const address = sampleAddress(`192.0.2.${index}`, { ifindex: ifIndex(index) });
        return sampleKernelLink({
          object: sampleLinkObject({ index: ifIndex(index), name: `eth${index}` }),
          generation: generation(this.generationOf(index, plot)),
          addresses: mapOf([[address.address, address]]),
        });
      }),
      statuses: plots.map(([index, plot]) =>
        sampleLinkStatus({
          index: ifIndex(index),
          name: `eth${index}`,
          generation: generation(this.generationOf(index, plot)),
          owner: plot.manager === 'networkd' ? 'systemd-networkd' : 'dhclient',
        }),
      ),
      leases: plots.map(([index, { dns, domains }]) =>
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
        this.change(step.index, step.plot);
        break;
      case 'mood':
        this.mood = step.mood;
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

  private change(index: number, plot: LinkPlot | undefined): void {
    const before = this.plots.get(index);
    // Nobody could tell of it: such a link is another one, with another generation.
    const isHidden = [before, plot].some((one) => one?.manager === 'networkd, unheard of');
    const isReborn = isHidden && before?.manager !== plot?.manager;
    if (isReborn) this.births.set(index, (this.births.get(index) ?? 0) + 10);
    const isOther = before?.generation !== plot?.generation;
    const changesHands = (before?.manager === 'nobody') !== (plot?.manager === 'nobody') || isReborn;
    // The kernel's index is all that the services go by; a new link begins afresh, and so does one with a new manager.
    if (isOther || changesHands) for (const held of Object.values(this.services)) held.delete(String(index));
    if (plot === undefined) this.plots.delete(index);
    else this.plots.set(index, plot);
  }

  private generationOf(index: number, plot: LinkPlot): number {
    return plot.generation + (this.births.get(index) ?? 0);
  }

  private answer(call: ResolverCall): ResolverResult {
    if (!('link' in call)) return { kind: 'done' };
    const { index, service, generation: number } = call.link;
    if (this.mood === 'denying') return no('org.freedesktop.DBus.Error.InteractiveAuthorizationRequired');
    if (this.mood === 'silent') return no('netevd.TimedOut');
    const plot = this.plots.get(index);
    if (plot === undefined || this.generationOf(index, plot) !== number)
      return no('org.freedesktop.resolve1.NoSuchLink');
    const isManaged = plot.manager !== 'nobody';
    if (service === 'resolve1' && isManaged) return no('org.freedesktop.resolve1.LinkBusy');
    if (service === 'network1' && !isManaged) return no('org.freedesktop.network1.UnmanagedInterface');
    const held = this.services[service];
    if (call.kind === 'revertLink') held.delete(String(index));
    else {
      const { dns, domains } = held.get(String(index)) ?? { dns: [], domains: [] };
      held.set(String(index), {
        dns: call.kind === 'setLinkDns' ? call.servers : dns,
        domains: call.kind === 'setLinkDomains' ? call.domains : domains,
      });
    }
    return this.mood === 'done but silent' ? no('netevd.TimedOut') : { kind: 'done' };
  }
}

const no = (error: string): ResolverResult => ({ kind: 'failed', error, text: '' });

const plotArbitrary: fc.Arbitrary<LinkPlot> = fc.record({
  manager: fc.constantFrom<Manager>('nobody', 'nobody', 'networkd', 'networkd, unheard of'),
  generation: fc.constantFrom(1, 1, 1, 1, 2),
  dns: fc.uniqueArray(fc.constantFrom('192.0.2.51', '192.0.2.52', '2001:db8::53'), { maxLength: 2 }),
  domains: fc.uniqueArray(fc.constantFrom('a.example', 'b.example'), { maxLength: 2 }),
});
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('link' as const),
    index: fc.constantFrom(2, 2, 3),
    plot: fc.option(plotArbitrary, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('mood' as const),
    mood: fc.constantFrom<Mood>('willing', 'willing', 'denying', 'silent', 'done but silent'),
  }),
  fc.record({
    kind: fc.constant('restart' as const),
    service: fc.constantFrom<LinkService>('resolve1', 'network1'),
  }),
  fc.record({ kind: fc.constant('wait' as const), time: fc.integer({ min: 0, max: 5000 }) }),
);

/** A link goes to networkd, whose lease says nothing, and comes back with what it had: that was forgotten meanwhile. */
const thereAndBack: Step[] = [
  { manager: 'nobody', domains: ['a.example'] } as const,
  { manager: 'networkd', domains: [] } as const,
  { manager: 'nobody', domains: ['a.example'] } as const,
].map((plot) => ({ kind: 'link', index: 2, plot: { generation: 1, dns: [], ...plot } }));

test('whatever happens on the way, the services hold what is wanted in the end, and no call is made after that', () => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { maxLength: 40 }), (steps) => {
      const world = new World();
      for (const step of steps) world.step(step);
      world.mood = 'willing';
      // A minute is the longest wait; a link that both services sent away takes some of them.
      for (let i = 0; i < 10; i++) world.step({ kind: 'wait', time: 60_001 });
      const held = Object.values(world.services).map((of) =>
        Object.fromEntries([...of].filter(([, one]) => one.dns.length + one.domains.length > 0)),
      );
      const wanted = [...world.plots].filter(([, { dns, domains }]) => dns.length + domains.length > 0);
      const of = (isManaged: boolean): unknown =>
        Object.fromEntries(
          wanted
            .filter(([, { manager }]) => (manager !== 'nobody') === isManaged)
            .map(([index, { dns, domains }]) => [String(index), { dns, domains }]),
        );
      expect(held).toEqual([of(false), of(true)] as typeof held);
      expect(world.plan()).toBe(0);
      expect(world.memory.inFlight.size).toBe(0);
    }),
    { numRuns: 2000, examples: [[thereAndBack]] },
  );
});
