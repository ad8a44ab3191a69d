/**
 * Programs that are known to use certain tables, priorities and protocol numbers, to name the owner in a
 * conflict.
 */
import { type RouteObject, RouteProtocol, type RuleObject } from '../../model/kernel-objects.ts';

interface Range {
  readonly from: number;
  readonly to: number;
  readonly owner: string;
}

const only = (id: number, owner: string): Range => ({ from: id, to: id, owner });

/** Fixed table numbers, from the documentation and source of each program. */
const tables: readonly Range[] = [
  only(52, 'Tailscale'),
  { from: 100, to: 115, owner: 'cloud-init' },
  only(200, 'Cilium'),
  { from: 2004, to: 2005, owner: 'Cilium' },
  { from: 10_000, to: 10_999, owner: 'amazon-ec2-net-utils' },
  { from: 30_000, to: 30_199, owner: 'cloud-netconfig' },
  { from: 30_200, to: 30_600, owner: 'NetworkManager nm-cloud-setup' },
  only(51_820, 'wg-quick'),
];

/** Fixed priorities of rules. */
const priorities: readonly Range[] = [
  only(9, 'Cilium'),
  { from: 100, to: 111, owner: 'Cilium' },
  only(512, 'AWS VPC CNI'),
  only(1000, 'a VRF'),
  only(1024, 'AWS VPC CNI'),
  only(1536, 'AWS VPC CNI'),
  { from: 1001, to: 2999, owner: 'mwan3' },
  { from: 5210, to: 5270, owner: 'Tailscale' },
  { from: 10_001, to: 10_999, owner: 'amazon-ec2-net-utils' },
  { from: 30_200, to: 30_600, owner: 'NetworkManager nm-cloud-setup' },
];

/**
 * `RTPROT_*` of linux/rtnetlink.h and of programs with their own numbers, without those that any program may
 * use.
 */
const protocols: ReadonlyMap<number, string> = new Map([
  [RouteProtocol.kernel, 'the kernel'],
  [RouteProtocol.ra, 'router advertisements'],
  [11, 'zebra'],
  [12, 'BIRD'],
  [RouteProtocol.dhcp, 'DHCP'],
  [18, 'keepalived'],
  [42, 'babeld'],
  [66, 'Google guest agent'],
  [80, 'Calico'],
  [84, 'OVN'],
  [99, 'Open/R'],
  [186, 'FRR (BGP)'],
  [187, 'FRR (IS-IS)'],
  [188, 'FRR (OSPF)'],
  [189, 'FRR (RIP)'],
  [192, 'FRR (EIGRP)'],
  [196, 'FRR (static)'],
]);

const ownerIn = (ranges: readonly Range[], id: number): string | undefined =>
  ranges.find((range) => id >= range.from && id <= range.to)?.owner;

/** Returns the probable owner of a rule; undefined if unknown. */
export const ownerOfRule = (rule: RuleObject): string | undefined =>
  ownerIn(priorities, rule.priority) ?? ownerIn(tables, rule.table) ?? protocols.get(rule.protocol);

/** Returns the probable owner of a route; undefined if unknown. */
export const ownerOfRoute = (route: RouteObject): string | undefined =>
  ownerIn(tables, route.table) ?? protocols.get(route.protocol);
