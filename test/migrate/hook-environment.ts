/** What netevd would give a hook about `nd7`, by the daemon's own code. */
import { type HookContext, hookInput } from '../../src/core/hooks/environment.ts';
import type { NetworkEvent } from '../../src/core/model/event.ts';
import { generation, ifIndex } from '../../src/core/model/ids.ts';
import { mapOf } from '../../src/core/model/persistent-map.ts';
import type { State } from '../../src/core/model/state.ts';
import {
  ip,
  sampleAddress,
  sampleEvent,
  sampleKernelLink,
  sampleLinkObject,
  sampleLinkStatus,
  sampleNetworkdLink,
  sampleRoute,
  sampleState,
} from '../../src/testing/sample-state.ts';
import { addresses, linkName } from './link-namespace.ts';

const context: HookContext = { home: '/', user: 'netevd', emitJson: true };
const index = ifIndex(2);

/** The link has the addresses of the namespace, a gateway, two name servers and a domain. */
export function hookEnvironment(
  event: Partial<NetworkEvent>,
  over: (state: State) => State = (state) => state,
): Readonly<Record<string, string>> {
  const link = sampleKernelLink({
    object: sampleLinkObject({ index, name: linkName }),
    addresses: mapOf(addresses.map((address) => [ip(address), sampleAddress(address)])),
  });
  const state = sampleState({
    kernelLinks: [link],
    routes: [sampleRoute({ nextHops: [{ ifindex: index, gateway: ip('192.0.2.1'), weight: 1, flags: 0 }] })],
    statuses: [sampleLinkStatus({ index, name: linkName, owner: 'systemd-networkd' })],
    networkd: [
      [
        index,
        sampleNetworkdLink({
          dns: [ip('192.0.2.53'), ip('2001:db8::53')],
          domains: ['example.org', 'example.net'],
          gateways: [ip('192.0.2.1')],
        }),
      ],
    ],
  });
  const full = sampleEvent({ link: { index, generation: generation(0), name: linkName }, ...event });
  const input = hookInput({ event: full, state: over(state) }, context);
  if (!input.ok) throw new Error(input.problem);
  return input.environment;
}
