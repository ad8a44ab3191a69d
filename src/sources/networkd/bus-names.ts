/** The objects of systemd-networkd on the bus (org.freedesktop.network1(5)). */
import type { BusCall } from '../../ports/bus-connection.ts';

export const networkd = { name: 'org.freedesktop.network1', path: '/org/freedesktop/network1' } as const;
export const managerInterface = 'org.freedesktop.network1.Manager';
export const linkInterface = 'org.freedesktop.network1.Link';

/** Answered with `a(iso)`: index, name and object of each link. */
export const listLinksCall = (owner: string): BusCall => ({
  destination: owner,
  path: networkd.path,
  interface: managerInterface,
  member: 'ListLinks',
});

/** Answered with a JSON text. systemd has it since 249. */
export const describeCall = (owner: string, path: string): BusCall => ({
  destination: owner,
  path,
  interface: linkInterface,
  member: 'Describe',
});
