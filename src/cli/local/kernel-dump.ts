/**
 * Reads everything that the kernel has, once and unfiltered: local routes too, and rules in the order in
 * which the kernel applies them. The daemon's own source leaves out what the daemon does not need.
 */
import type { KernelSnapshot } from '../../core/model/fact.ts';
import { millis } from '../../core/model/ids.ts';
import type {
  AddressObject,
  LinkObject,
  NextHopObject,
  RouteObject,
  RuleObject,
} from '../../core/model/kernel-objects.ts';
import { resolveRoute } from '../../core/model/next-hop-objects.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NetlinkBatch, OpenNetlinkChannel } from '../../ports/netlink-channel.ts';
import { parseAddress } from '../../wire/netlink/address.ts';
import { MessageType } from '../../wire/netlink/constants.ts';
import { parseDone, parseError } from '../../wire/netlink/error.ts';
import { parseLink } from '../../wire/netlink/link.ts';
import { isDumpInterrupted, type MessageHeader, parseMessages } from '../../wire/netlink/message.ts';
import { parseNextHop } from '../../wire/netlink/next-hop-object.ts';
import { type DumpRequest, encodeDumpRequest } from '../../wire/netlink/read-request.ts';
import { parseRoute } from '../../wire/netlink/route.ts';
import { parseRule } from '../../wire/netlink/rule.ts';

const requests: readonly DumpRequest[] = [
  { kind: 'links' },
  { kind: 'addresses' },
  { kind: 'nextHops' },
  { kind: 'routes', family: 4 },
  { kind: 'routes', family: 6 },
  { kind: 'rules', family: 4 },
  { kind: 'rules', family: 6 },
];

/** How often a dump that changes interrupt is started. */
const maxAttempts = 5;
/** Timeout of one dump. */
const dumpTimeout = millis(5000);
const receiveBuffer = 4 * 1024 * 1024;

type DumpEnd = 'complete' | 'interrupted' | 'failed';

/** The objects of the dumps so far. */
class DumpedObjects {
  links: LinkObject[] = [];
  addresses: AddressObject[] = [];
  routes: RouteObject[] = [];
  rules: RuleObject[] = [];
  nextHops: NextHopObject[] = [];

  /** Adds the object of a message; ignores what netevd does not model. */
  addMessage(bytes: Uint8Array, { type, offset, length }: MessageHeader): void {
    if (type === MessageType.newLink) {
      const parsed = parseLink(bytes, offset, length);
      if (parsed.ok) this.links.push(parsed.link);
    } else if (type === MessageType.newAddress) {
      const parsed = parseAddress(bytes, offset, length);
      if (parsed.ok) this.addresses.push(parsed.address);
    } else if (type === MessageType.newRoute) {
      const parsed = parseRoute(bytes, offset, length);
      if (parsed.ok) this.routes.push(parsed.route);
    } else if (type === MessageType.newNextHop) {
      const parsed = parseNextHop(bytes, offset, length);
      if (parsed.ok) this.nextHops.push(parsed.nextHop);
    } else if (type === MessageType.newRule) {
      const parsed = parseRule(bytes, offset, length);
      if (parsed.ok) this.rules.push(parsed.rule);
    }
  }

  add(other: DumpedObjects): void {
    this.links.push(...other.links);
    this.addresses.push(...other.addresses);
    this.nextHops.push(...other.nextHops);
    for (const route of other.routes) this.routes.push(route);
    for (const rule of other.rules) this.rules.push(rule);
  }
}

/** Needs no privilege. Rejects where no netlink socket can be opened, or the kernel does not answer. */
export async function dumpKernel(openChannel: OpenNetlinkChannel, clock: Clock): Promise<KernelSnapshot> {
  const whole = new DumpedObjects();
  for (const request of requests) whole.add(await dumpOne(request, openChannel, clock));
  const nextHops = new Map(whole.nextHops.map((nextHop) => [nextHop.id, nextHop]));
  const routes = whole.routes.map((route) => resolveRoute(route, nextHops));
  return { ...whole, routes, drivers: new Map() };
}

async function dumpOne(
  request: DumpRequest,
  openChannel: OpenNetlinkChannel,
  clock: Clock,
): Promise<DumpedObjects> {
  let objects = new DumpedObjects();
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    objects = new DumpedObjects();
    const end = await dumpOnce(request, objects, openChannel, clock);
    if (end === 'complete') return objects;
    if (end === 'failed') throw new Error(`${request.kind}: the kernel does not answer`);
  }
  // On a busy machine the last attempt is as good as any.
  return objects;
}

async function dumpOnce(
  request: DumpRequest,
  objects: DumpedObjects,
  openChannel: OpenNetlinkChannel,
  clock: Clock,
): Promise<DumpEnd> {
  const { promise, resolve } = Promise.withResolvers<DumpEnd>();
  let isInterrupted = false;
  const onMessage = (bytes: Uint8Array, header: MessageHeader): void => {
    isInterrupted ||= isDumpInterrupted(header.flags);
    if (header.type === MessageType.error) resolve(isRefusal(bytes, header) ? 'failed' : 'complete');
    else if (header.type === MessageType.done) resolve(isInterrupted ? 'interrupted' : endOf(bytes, header));
    else objects.addMessage(bytes, header);
  };
  await using channel = openChannel({
    groups: [],
    receiveBuffer,
    onBatch: (batch) => {
      forEachMessage(batch, onMessage);
      if (batch.overrun || batch.truncated) resolve('interrupted');
    },
  });
  if (!channel.send(encodeDumpRequest(request, 1)).ok) return 'failed';
  using _timer = clock.schedule(dumpTimeout, () => resolve('failed'));
  return await promise;
}

function forEachMessage(
  batch: NetlinkBatch,
  onMessage: (bytes: Uint8Array, header: MessageHeader) => void,
): void {
  for (let i = 0; i < batch.datagrams; i++) {
    const { buffer, offset, length } = batch.view(i);
    parseMessages(buffer, offset, length, (header) => onMessage(buffer, header));
  }
}

/** A kernel without this family, or without policy routing, has no such objects: EAFNOSUPPORT, EOPNOTSUPP. */
function isRefusal(bytes: Uint8Array, header: MessageHeader): boolean {
  const parsed = parseError(bytes, header);
  return !parsed.ok || ![97, 95].includes(parsed.acknowledgement.errno);
}

function endOf(bytes: Uint8Array, header: MessageHeader): DumpEnd {
  const parsed = parseDone(bytes, header);
  return parsed.ok && parsed.end.errno === 0 ? 'complete' : 'failed';
}
