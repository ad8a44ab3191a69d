/** What the daemon knows of a link from its network manager, put into a state that was read from the kernel alone. */
import type { InterfaceDetails } from '../../client/types.ts';
import { type IpAddress, parseIp } from '../../core/model/address.ts';
import type { IfIndex } from '../../core/model/ids.ts';
import type { ActiveLease, KernelLink, NetworkdLink, Resolution, State } from '../../core/model/state.ts';
import {
  type AdministrativeState,
  administrativeStates,
  type DeviceState,
  deviceStates,
} from '../../core/model/vocabulary.ts';

/** `details`: the daemon's answer about the link of this index. The same state if no manager owns the link. */
export function withManagerView(index: IfIndex, details: InterfaceDetails, state: State): State {
  const status = state.links.get(index);
  if (status === undefined) return state;
  const resolution = resolutionOf(details);
  switch (details.owner) {
    case 'systemd-networkd': {
      const administrative = administrativeStateOf(details.setup);
      const owned = { ...status, owner: details.owner, administrative } as const;
      const report = networkdReport(details, administrative, resolution, state.kernel.links.get(index));
      const networkd = { ...state.networkd, links: state.networkd.links.set(index, report) };
      return { ...state, networkd, links: state.links.set(index, owned) };
    }
    case 'NetworkManager': {
      const device = deviceStateOf(details.setup);
      const owned = { ...status, owner: details.owner, device } as const;
      const report = { ...resolution, state: device, reason: 0, managed: true };
      const devices = state.networkManager.devices.set(index, report);
      const networkManager = { ...state.networkManager, devices };
      return { ...state, networkManager, links: state.links.set(index, owned) };
    }
    case 'dhclient': {
      const owned = { ...status, owner: details.owner } as const;
      const active = state.leases.active.set(`${details.name}/4`, leaseOf(details, resolution));
      return { ...state, leases: { ...state.leases, active }, links: state.links.set(index, owned) };
    }
    default:
      return state;
  }
}

const addressesOf = (texts: readonly string[]): readonly IpAddress[] =>
  texts.map(parseIp).filter((address) => address !== undefined);

const resolutionOf = ({ dns, domains, gateway }: InterfaceDetails): Resolution => ({
  dns: addressesOf(dns),
  domains,
  ntp: [],
  gateways: addressesOf(gateway === null ? [] : [gateway]),
});

const administrativeStateOf = (setup: string | null): AdministrativeState =>
  administrativeStates.find((known) => known === setup) ?? 'configured';

const deviceStateOf = (setup: string | null): DeviceState =>
  (Object.keys(deviceStates) as DeviceState[]).find((known) => known === setup) ?? 'activated';

function networkdReport(
  details: InterfaceDetails,
  administrative: AdministrativeState,
  resolution: Resolution,
  kernel: KernelLink | undefined,
): NetworkdLink {
  return {
    ...resolution,
    operational: details.state,
    administrative,
    carrierState: kernel?.carrierState ?? 'carrier',
    addressState: kernel?.addressState ?? 'routable',
    ipv4AddressState: kernel?.ipv4AddressState ?? 'routable',
    ipv6AddressState: kernel?.ipv6AddressState ?? 'off',
    acknowledged: true,
    ...(details.network_file === null ? {} : { networkFile: details.network_file }),
  };
}

function leaseOf({ name, leases }: InterfaceDetails, resolution: Resolution): ActiveLease {
  const lease = leases.find(({ family }) => family === 'ipv4');
  return {
    ...resolution,
    interfaceName: name,
    family: 4,
    addresses: addressesOf(lease?.addresses ?? []),
    expires: 'never',
    text: '',
  };
}
