/** The objects of NetworkManager on the bus that netevd reads (NetworkManager's D-Bus reference). */
import type { BusCall, SignalRule } from '../../ports/bus-connection.ts';

const name = 'org.freedesktop.NetworkManager';

export const networkManager: Readonly<Record<'name' | 'path' | 'root', string>> = {
  name,
  path: '/org/freedesktop/NetworkManager',
  /** The path of its ObjectManager (D-Bus Specification, "org.freedesktop.DBus.ObjectManager"). */
  root: '/org/freedesktop',
};

type MirroredInterface = 'manager' | 'device' | 'ip4' | 'ip6' | 'dhcp4' | 'dhcp6' | 'active';

export const Interface: Readonly<Record<MirroredInterface, string>> = {
  manager: name,
  device: `${name}.Device`,
  ip4: `${name}.IP4Config`,
  ip6: `${name}.IP6Config`,
  dhcp4: `${name}.DHCP4Config`,
  dhcp6: `${name}.DHCP6Config`,
  active: `${name}.Connection.Active`,
};

/**
 * The properties of each interface that the mirror has. States come from the initial read alone:
 * NetworkManager sends a StateChanged signal for each later state.
 */
export const mirroredProperties: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    [Interface.manager]: ['State', 'Connectivity', 'Startup'],
    [Interface.device]: [
      'Interface',
      'IpInterface',
      'State',
      'StateReason',
      'Managed',
      'Real',
      'ActiveConnection',
      'Ip4Config',
      'Ip6Config',
      'Dhcp4Config',
      'Dhcp6Config',
    ],
    [Interface.ip4]: ['Gateway', 'NameserverData', 'Domains', 'Searches'],
    [Interface.ip6]: ['Gateway', 'Nameservers', 'Domains', 'Searches'],
    [Interface.dhcp4]: ['Options'],
    [Interface.dhcp6]: ['Options'],
    [Interface.active]: ['Id'],
  }).map(([of, properties]) => [of, new Set(properties)]),
);

export const stateProperties: ReadonlySet<string> = new Set(['State', 'StateReason']);

const objectManager = 'org.freedesktop.DBus.ObjectManager';

/** All objects with all their properties, `a{oa{sa{sv}}}`: four kilobytes for each device. */
export const getManagedObjects = (owner: string): BusCall => ({
  destination: owner,
  path: networkManager.root,
  interface: objectManager,
  member: 'GetManagedObjects',
  answerLimit: 2 ** 24,
});

export const signalRules: readonly SignalRule[] = [
  { interface: objectManager, member: 'InterfacesAdded', path: networkManager.root },
  { interface: objectManager, member: 'InterfacesRemoved', path: networkManager.root },
  { interface: Interface.device, member: 'StateChanged', pathNamespace: networkManager.path },
  { interface: Interface.manager, member: 'StateChanged', path: networkManager.path },
  ...Object.values(Interface).map((arg0) => ({
    interface: 'org.freedesktop.DBus.Properties',
    member: 'PropertiesChanged',
    pathNamespace: networkManager.path,
    arg0,
  })),
];
