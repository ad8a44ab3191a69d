/**
 * A request of the daemon, checked value by value: whoever took over the daemon's user can send any bytes. What passes is
 * a new object of known keys in the daemon's own order; nothing is copied unseen.
 */
import * as z from 'zod/mini';
import type { DelegatedHook } from '../core/hooks/delegation.ts';
import type { HookEvent } from '../core/hooks/environment.ts';
import { nameVerdict } from '../core/hooks/verdict.ts';
import type { IpAddress } from '../core/model/address.ts';
import { parseIp } from '../core/model/address.ts';
import { parseDomain, parseHostName } from '../core/model/domain-name.ts';
import { hookDirectories } from '../core/model/event-table.ts';
import { isInterfaceName } from '../core/model/interface-name.ts';
import { sources } from '../core/model/vocabulary.ts';
import type { DhcpDetails } from '../core/view/dhcp-details.ts';

const text = (pattern: RegExp): z.ZodMiniType<string> => z.string().check(z.regex(pattern));
const checked = (isValid: (value: string) => boolean): z.ZodMiniType<string> =>
  z.string().check(z.maxLength(4096), z.refine(isValid));

/** `<epoch>/<seq>`: a UUIDv7 and a number. */
const eventId = text(
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\/[1-9][0-9]{0,15}$/,
);
/** Names of states, flags and types: `no-carrier`, `up|running`, `ieee80211_radiotap`; or nothing. */
const word = text(/^[A-Za-z0-9|_-]{0,128}$/);
/** Text that the kernel or a manager made: no control characters. */
const line = text(/^[^\p{Cc}\p{Cs}]{0,255}$/u);
const filePath = text(/^(?:\/[^\p{Cc}\p{Cs}]{0,4094})?$/u);
const time = text(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
const hardwareAddress = text(/^(?:[0-9a-f]{2}(?::[0-9a-f]{2}){0,31})?$/);
const whole = z.int().check(z.minimum(0));
const count = z.number().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER));

const isAddress = (value: string): boolean => parseIp(value) === value;
const isDomain = (value: string): boolean => parseDomain(value) === value;
const isServer = (value: string): boolean => isAddress(value) || parseHostName(value) === value;

const address = checked(isAddress);
const addressOrEmpty = checked((value) => value === '' || parseIp(value) === value);
const prefix = checked((value) => {
  const [ip = '', length = '', ...rest] = value.split('/');
  return rest.length === 0 && parseIp(ip) === ip && /^\d{1,3}$/.test(length);
});
const domain = checked(isDomain);
const server = checked(isServer);
const interfaceName = checked(isInterfaceName);

const deltaRoute = {
  family: z.enum(['ipv4', 'ipv6']),
  dst: prefix,
  gateway: z.nullable(address),
  src: z.nullable(address),
  table: whole,
  protocol: whole,
  scope: whole,
  type: whole,
  priority: whole,
};
const routeDelta = z.strictObject({
  action: z.enum(['new', 'del', 'change']),
  ...deltaRoute,
  previous: z.optional(z.strictObject(deltaRoute)),
});

/** Values of a transition, by their keys; each is a text or a list of texts. */
const transitionValues: Readonly<Record<string, (value: string) => boolean>> = {
  addresses: isAddress,
  subnet_mask: isAddress,
  gateway: isAddress,
  dns: isAddress,
  ntp: isServer,
  domain: isDomain,
  domains: isDomain,
  hostname: (value) => parseHostName(value) === value,
  prefixes: (value) => /^[0-9a-f:./]{1,64}$/.test(value),
  routes: (value) => /^[0-9a-f:./ ]{1,128}$/.test(value),
  lease: (value) => /^[\x20-\x7e]{0,65536}$/.test(value),
  link: isInterfaceName,
};
/** Properties of the host, which are words. */
const isWord = (value: string): boolean => /^[A-Za-z0-9|_-]{0,128}$/.test(value);

function isTransitionSide(side: Readonly<Record<string, string | string[]>>): boolean {
  return Object.entries(side).every(([key, value]) => {
    const isValid = (Object.hasOwn(transitionValues, key) ? transitionValues[key] : undefined) ?? isWord;
    return (typeof value === 'string' ? [value] : value).every((one) => one === '' || isValid(one));
  });
}

const side = z
  .record(text(/^[A-Za-z][A-Za-z0-9_]{0,63}$/), z.union([z.string(), z.array(z.string())]))
  .check(z.refine(isTransitionSide));

const eventFields = {
  schema: z.literal('netevd.event.v1'),
  id: eventId,
  seq: whole,
  event: z.enum(hookDirectories),
  action: word,
  ts: time,
  link: z.nullable(interfaceName),
  index: z.nullable(whole),
  state: word,
  previous_state: z.nullable(word),
  backend: z.enum(sources),
  initial: z.boolean(),
  resync: z.boolean(),
  addresses: z.array(address),
  changed_addresses: z.nullable(z.array(address)),
  mtu: z.nullable(whole),
  operstate: z.nullable(word),
  flags: z.array(word),
  routes_delta: z.array(routeDelta),
  gateway: z.nullable(address),
  dns: z.array(address),
  domains: z.array(domain),
  properties: z.optional(z.record(text(/^[A-Za-z][A-Za-z0-9]{0,63}$/), line)),
  family: z.optional(z.enum(['ipv4', 'ipv6'])),
  changed: z.optional(z.array(text(/^[A-Za-z][A-Za-z0-9_]{0,63}$/))),
  before: z.optional(z.nullable(side)),
  after: z.optional(z.nullable(side)),
};

const interfaceAddress = z.strictObject({
  IP: address,
  Mask: whole,
  Family: z.enum(['IPv4', 'IPv6']),
  Scope: whole,
  Label: line,
  Broadcast: addressOrEmpty,
  Peer: addressOrEmpty,
  Flags: whole,
  PreferedLft: whole,
  ValidLft: whole,
});
const interfaceRoute = z.strictObject({
  Dst: z.strictObject({ IP: address, Mask: whole }),
  Gw: addressOrEmpty,
  Src: addressOrEmpty,
  Table: whole,
  Protocol: whole,
  Scope: whole,
  Type: whole,
  Priority: whole,
});

const interfaceFields = {
  Index: whole,
  Name: interfaceName,
  MTU: whole,
  HardwareAddr: hardwareAddress,
  Flags: word,
  Driver: line,
  OperState: word,
  KernelOperState: word,
  OperationalState: word,
  AdministrativeState: word,
  IPv4AddressState: word,
  IPv6AddressState: word,
  AddressState: word,
  CarrierState: word,
  OnlineState: word,
  Type: word,
  NetworkFile: filePath,
  DNS: z.array(address),
  Domains: z.array(domain),
  NTP: z.array(server),
  Address: z.array(interfaceAddress),
  Routes: z.array(interfaceRoute),
  Statistics: z.record(text(/^[A-Z][A-Za-z]{0,31}$/), count),
};

/** The daemon cut the lists of an event that is too large to send. */
const truncated = z.optional(z.literal(true));

const hostEvent = z.strictObject({ ...eventFields, link: z.null(), index: z.null(), truncated });
const linkEvent = z
  .strictObject({ ...eventFields, link: interfaceName, index: whole, ...interfaceFields, truncated })
  .check(z.refine(({ link, index, Name, Index }) => link === Name && index === Index));

const lease = z.strictObject({
  addresses: z.array(address),
  subnetMask: z.optional(address),
  gateways: z.array(address),
  dns: z.array(address),
  domain: z.optional(domain),
  hostName: z.optional(checked((value) => parseHostName(value) === value)),
  lease: z.optional(text(/^[\x20-\x7e]{1,65536}$/)),
});

const hookEvent = z
  .strictObject({
    object: z.union([hostEvent, linkEvent]),
    hasNetworkd: z.boolean(),
    dhcp: z.optional(lease),
  })
  .check(z.refine(({ object: { id, seq } }) => id.endsWith(`/${seq}`)));

const request = z
  .strictObject({
    directory: z.enum(hookDirectories),
    // NAME_MAX of linux/limits.h
    name: z.string().check(
      z.maxLength(255),
      z.refine((name) => nameVerdict(name).kind === 'runs'),
    ),
    event: hookEvent,
  })
  .check(z.refine(({ directory, event }) => directory === event.object.event));

export type CheckedRequest =
  | { readonly ok: true; readonly hook: DelegatedHook }
  /** Where the first invalid value is. */
  | { readonly ok: false; readonly problem: string };

/** Checks a request; never throws. An unknown key or a value that is not valid for its type refuses it all. */
export function checkRequest(plain: unknown): CheckedRequest {
  const parsed = z.safeParse(request, plain);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.map(String).join('.').slice(0, 200) ?? '';
    return { ok: false, problem: place === '' ? 'its parts contradict each other' : `${place} is not valid` };
  }
  const { directory, name, event } = parsed.data;
  return { ok: true, hook: { directory, name, event: eventOf(event) } };
}

function eventOf({ object, hasNetworkd, dhcp }: z.output<typeof hookEvent>): HookEvent {
  // Plain JSON without undefined values: the schema leaves absent keys out.
  const event = { object: object as HookEvent['object'], hasNetworkd };
  return dhcp === undefined ? event : { ...event, dhcp: leaseOf(dhcp) };
}

type Lease = NonNullable<z.output<typeof hookEvent>['dhcp']>;

function leaseOf(lease: Lease): DhcpDetails {
  return {
    addresses: lease.addresses as IpAddress[],
    subnetMask: lease.subnetMask as IpAddress | undefined,
    gateways: lease.gateways as IpAddress[],
    dns: lease.dns as IpAddress[],
    domain: lease.domain,
    hostName: lease.hostName,
    lease: lease.lease,
  };
}
