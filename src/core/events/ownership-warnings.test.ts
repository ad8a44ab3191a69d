import { expect, test } from 'bun:test';
import { sampleLinkObject } from '../../testing/sample-state.ts';
import { emptyState } from '../model/empty-state.ts';
import type { Fact, NetworkdReport } from '../model/fact.ts';
import { ifIndex, instant } from '../model/ids.ts';
import type { NetworkManagerDevice, State } from '../model/state.ts';
import type { Source } from '../model/vocabulary.ts';
import { reduce } from '../reduce/reduce.ts';
import { emptyOwnershipMemory, type OwnershipNotice, planOwnershipWarnings } from './ownership-warnings.ts';

const index = ifIndex(2);
const link: Fact = { kind: 'linkObserved', link: sampleLinkObject({ index, name: 'eth0' }) };
const nothing = { dns: [], domains: [], ntp: [], gateways: [] };
const report = (administrative: NetworkdReport['administrative']): NetworkdReport => ({
  operational: 'routable',
  administrative,
  carrierState: 'carrier',
  addressState: 'routable',
  ipv4AddressState: 'routable',
  ipv6AddressState: 'off',
  ...nothing,
});
const networkd = (administrative: NetworkdReport['administrative'] = 'configured'): Fact => ({
  kind: 'networkdRead',
  host: {},
  links: new Map([[index, report(administrative)]]),
});
const device = (managed: boolean): NetworkManagerDevice => ({
  state: 'activated',
  reason: 0,
  managed,
  ...nothing,
});
const networkManager = (managed = true): Fact => ({
  kind: 'networkManagerRead',
  host: {},
  devices: new Map([[index, device(managed)]]),
});
const gone: Fact = { kind: 'networkdVanished' };
const busLost: Fact = { kind: 'sourceLostSync', source: 'systemd-networkd', cause: 'disconnected' };

const stateAfter = (facts: readonly Fact[], backend: Source | 'auto' = 'auto'): State =>
  facts.reduce(reduce, emptyState(backend));

/** What is told of each state in turn, looked at so many seconds after the one before. */
function told(...states: readonly (readonly [seconds: number, state: State])[]): OwnershipNotice[] {
  let memory = emptyOwnershipMemory;
  let now = 0;
  return states.flatMap(([seconds, state]) => {
    now += seconds * 1_000;
    const plan = planOwnershipWarnings(memory, state, instant(now));
    memory = plan.memory;
    return plan.notices;
  });
}

const lasting = (state: State): OwnershipNotice[] => told([0, state], [9, state], [1, state], [60, state]);

const claimed: OwnershipNotice = { kind: 'claimedByTwo', index, link: 'eth0' };
const missing = (
  manager: 'systemd-networkd' | 'NetworkManager',
  isConfigured: boolean,
  running: readonly Source[],
): OwnershipNotice => ({ kind: 'managerMissing', manager, isConfigured, running });

test.each<readonly [string, readonly Fact[], Source | 'auto', readonly OwnershipNotice[]]>([
  ['nobody is there, and nobody is asked for', [link], 'auto', []],
  ['each has its own', [link, networkd(), networkManager(false)], 'auto', []],
  ['one watches what the other has', [link, networkd('unmanaged'), networkManager()], 'auto', []],
  ['both claim a link', [link, networkd(), networkManager()], 'auto', [claimed]],
  ['both claim a link that the kernel does not have', [networkd(), networkManager()], 'auto', []],
  ['both claim a link, and one is gone', [link, networkd(), networkManager(), gone], 'NetworkManager', []],
  ['who is asked for was never there', [link], 'systemd-networkd', [missing('systemd-networkd', true, [])]],
  [
    'who is asked for is not there, and another is',
    [link, networkManager()],
    'systemd-networkd',
    [missing('systemd-networkd', true, ['NetworkManager'])],
  ],
  [
    'who is asked for is gone',
    [link, networkd(), gone],
    'systemd-networkd',
    [missing('systemd-networkd', true, [])],
  ],
  ['who is asked for is there', [link, networkd()], 'systemd-networkd', []],
  ['who has links is gone', [link, networkd(), gone], 'auto', [missing('systemd-networkd', false, [])]],
  ['the bus is gone', [link, networkd(), busLost], 'auto', [missing('systemd-networkd', false, [])]],
  ['who has no links is gone', [link, networkd('unmanaged'), gone], 'auto', []],
  ['nobody is asked for but the kernel', [link, networkd(), gone], 'kernel', []],
])('%s', (_what, facts, backend, wanted) => {
  expect(lasting(stateAfter(facts, backend))).toEqual([...wanted]);
});

test('what is over soon is not told', () => {
  const both = stateAfter([link, networkd(), networkManager()]);
  const one = stateAfter([link, networkd(), networkManager(false)]);
  expect(told([0, both], [9, both], [0, one], [1, both], [9, both], [0, one])).toEqual([]);
});

test('what comes again after it was over is told again', () => {
  const there = stateAfter([link, networkd()]);
  const away = stateAfter([link, networkd(), gone]);
  const notice = missing('systemd-networkd', false, []);
  expect(told([0, away], [10, away], [1, away], [1, there], [1, away], [10, away])).toEqual([notice, notice]);
});
