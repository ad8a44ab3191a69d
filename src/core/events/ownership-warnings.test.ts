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
const noSettings = { dns: [], domains: [], ntp: [], gateways: [] };
const report = (administrative: NetworkdReport['administrative']): NetworkdReport => ({
  operational: 'routable',
  administrative,
  carrierState: 'carrier',
  addressState: 'routable',
  ipv4AddressState: 'routable',
  ipv6AddressState: 'off',
  ...noSettings,
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
  ...noSettings,
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

/** Returns the notices of a sequence of states; each is planned `seconds` after the previous one. */
function noticesOf(...states: readonly (readonly [seconds: number, state: State])[]): OwnershipNotice[] {
  let memory = emptyOwnershipMemory;
  let now = 0;
  return states.flatMap(([seconds, state]) => {
    now += seconds * 1_000;
    const plan = planOwnershipWarnings(memory, state, instant(now));
    memory = plan.memory;
    return plan.notices;
  });
}

const noticesOfLasting = (state: State): OwnershipNotice[] =>
  noticesOf([0, state], [9, state], [1, state], [60, state]);

const claimed: OwnershipNotice = { kind: 'claimedByTwo', index, link: 'eth0' };
const missing = (
  manager: 'systemd-networkd' | 'NetworkManager',
  isConfigured: boolean,
  running: readonly Source[],
): OwnershipNotice => ({ kind: 'managerMissing', manager, isConfigured, running });

test.each<readonly [string, readonly Fact[], Source | 'auto', readonly OwnershipNotice[]]>([
  ['no manager runs and none is configured', [link], 'auto', []],
  ['each manager has its own links', [link, networkd(), networkManager(false)], 'auto', []],
  [
    'networkd does not manage the link of NetworkManager',
    [link, networkd('unmanaged'), networkManager()],
    'auto',
    [],
  ],
  ['both managers claim a link', [link, networkd(), networkManager()], 'auto', [claimed]],
  ['both managers claim a link that the kernel does not have', [networkd(), networkManager()], 'auto', []],
  [
    'both managers claimed a link and one is gone',
    [link, networkd(), networkManager(), gone],
    'NetworkManager',
    [],
  ],
  ['the configured manager never ran', [link], 'systemd-networkd', [missing('systemd-networkd', true, [])]],
  [
    'another manager runs than the configured one',
    [link, networkManager()],
    'systemd-networkd',
    [missing('systemd-networkd', true, ['NetworkManager'])],
  ],
  [
    'the configured manager is gone',
    [link, networkd(), gone],
    'systemd-networkd',
    [missing('systemd-networkd', true, [])],
  ],
  ['the configured manager runs', [link, networkd()], 'systemd-networkd', []],
  [
    'a manager with links is gone',
    [link, networkd(), gone],
    'auto',
    [missing('systemd-networkd', false, [])],
  ],
  [
    'the connection to the bus is lost',
    [link, networkd(), busLost],
    'auto',
    [missing('systemd-networkd', false, [])],
  ],
  ['a manager without links is gone', [link, networkd('unmanaged'), gone], 'auto', []],
  ['the backend is the kernel', [link, networkd(), gone], 'kernel', []],
])('the notices are as expected if %s', (_name, facts, backend, expected) => {
  expect(noticesOfLasting(stateAfter(facts, backend))).toEqual([...expected]);
});

test('a cause that ends within the grace period causes no notice', () => {
  const both = stateAfter([link, networkd(), networkManager()]);
  const one = stateAfter([link, networkd(), networkManager(false)]);
  expect(noticesOf([0, both], [9, both], [0, one], [1, both], [9, both], [0, one])).toEqual([]);
});

test('a cause that returns causes another notice', () => {
  const running = stateAfter([link, networkd()]);
  const away = stateAfter([link, networkd(), gone]);
  const notice = missing('systemd-networkd', false, []);
  expect(noticesOf([0, away], [10, away], [1, away], [1, running], [1, away], [10, away])).toEqual([
    notice,
    notice,
  ]);
});
