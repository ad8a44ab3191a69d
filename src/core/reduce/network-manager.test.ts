import { expect, test } from 'bun:test';
import { emptyState } from '../model/empty-state.ts';
import { ifIndex } from '../model/ids.ts';
import type { NetworkManagerDevice } from '../model/state.ts';
import { reduceNetworkManager } from './network-manager.ts';

const bare: NetworkManagerDevice = {
  state: 'disconnected',
  reason: 0,
  managed: true,
  dns: [],
  domains: [],
  ntp: [],
  gateways: [],
};
const index = ifIndex(2);

test('a device report replaces properties that it no longer has', () => {
  const observe = (device: NetworkManagerDevice) =>
    ({ kind: 'networkManagerDeviceObserved', index, device }) as const;
  const connected = { ...bare, connection: 'office', dhcp4: { ip_address: '192.0.2.7' } };
  const before = reduceNetworkManager(emptyState('auto').networkManager, observe(connected));
  const after = reduceNetworkManager(before, observe(bare));
  expect(after.devices.get(index)).toEqual(bare);
  expect(reduceNetworkManager(after, observe({ ...bare }))).toBe(after);
});
