/**
 * fast-check arbitraries of objects that a request can create: canonical, without the values that the kernel
 * alone determines.
 */
import fc from 'fast-check';
import { type Family, type IpAddress, maxPrefixLength, unspecified } from '../core/model/address.ts';
import { ifIndex, tableId } from '../core/model/ids.ts';
import type { AddressObject, NextHop, RouteObject, RuleObject } from '../core/model/kernel-objects.ts';
import { addressSize, formatIp } from '../wire/netlink/ip.ts';
import { isReject } from '../wire/netlink/route.ts';
import { decodeText } from '../wire/netlink/text.ts';

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffff_ffff });
const positiveU32 = fc.integer({ min: 1, max: 0xffff_ffff });
const family = fc.constantFrom<Family>(4, 6);
const onlink = fc.constantFrom(0, 4);

/** Any address of the family, often with runs of zeros. */
const anyIp = (of: Family): fc.Arbitrary<IpAddress> =>
  fc
    .array(fc.oneof(u8, fc.constant(0)), { minLength: addressSize(of), maxLength: addressSize(of) })
    .map((bytes) => formatIp(Uint8Array.from(bytes), 0, of));

/** Any interface name as the codec would decode it: bytes that the kernel allows, UTF-8 or not. */
const anyInterfaceName: fc.Arbitrary<string> = fc
  .uint8Array({ min: 1, minLength: 1, maxLength: 15 })
  .map((bytes) => decodeText(bytes, 0, bytes.length));

/** A record without its undefined values: an absent value is an absent key. */
type Present<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Present<T>;
}

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

/**
 * Any combination of IFA_F_NODAD, OPTIMISTIC, HOMEADDRESS, MANAGETEMPADDR, NOPREFIXROUTE and MCAUTOJOIN
 * (linux/if_addr.h).
 */
const requestableAddressFlags = fc
  .subarray([0x02, 0x04, 0x10, 0x100, 0x200, 0x400])
  .map((flags) => flags.reduce((all, flag) => all | flag, 0));

export const anyAddress: fc.Arbitrary<AddressObject> = family.chain((of) =>
  fc
    .record({
      ifindex: fc.integer({ min: 1, max: 0x7fff_ffff }).map(ifIndex),
      family: fc.constant(of),
      address: anyIp(of),
      peer: optional(anyIp(of)),
      broadcast: optional(anyIp(of)),
      label: optional(anyInterfaceName),
      prefixLength: fc.nat(maxPrefixLength(of)),
      scope: u8,
      flags: requestableAddressFlags,
      validLifetime: u32,
      preferredLifetime: u32,
    })
    .map((address) =>
      present({ ...address, peer: address.peer === address.address ? undefined : address.peer }),
    ),
);

const nextHop = (weight: fc.Arbitrary<number>, flags: fc.Arbitrary<number>): fc.Arbitrary<NextHop> =>
  fc
    .record({
      ifindex: fc.nat(0x7fff_ffff).map(ifIndex),
      gateway: optional(family.chain(anyIp)),
      weight,
      flags,
    })
    .filter((hop) => hop.ifindex !== 0 || hop.gateway !== undefined)
    .map(present);

/** None, one plain next hop with the route's own flags, or weighted ones. */
const nextHops = (flags: number): fc.Arbitrary<NextHop[]> =>
  fc.oneof(
    fc.constant<NextHop[]>([]),
    fc.array(nextHop(fc.constant(1), fc.constant(flags)), { minLength: 1, maxLength: 1 }),
    fc.array(nextHop(fc.integer({ min: 2, max: 256 }), onlink), { minLength: 1, maxLength: 1 }),
    fc.array(nextHop(fc.integer({ min: 1, max: 256 }), onlink), { minLength: 2, maxLength: 5 }),
  );

/** `RTAX_*` numbers to values, without the one that is text. */
const metrics = fc.dictionary(
  fc
    .integer({ min: 1, max: 17 })
    .filter((number) => number !== 16)
    .map(String),
  u32,
  { minKeys: 1 },
);

export const anyRoute: fc.Arbitrary<RouteObject> = fc
  .tuple(family, onlink)
  .chain(([of, flags]) =>
    fc.record({
      family: fc.constant(of),
      table: positiveU32.map(tableId),
      destination: anyIp(of),
      prefixLength: fc.nat(maxPrefixLength(of)),
      source: optional(anyIp(of)),
      sourceLength: fc.integer({ min: 1, max: maxPrefixLength(of) }),
      tos: u8,
      type: fc.integer({ min: 1, max: 10 }),
      protocol: u8,
      scope: u8,
      flags: fc.constant(flags),
      priority: u32,
      preferredSource: optional(anyIp(of)),
      nextHops: nextHops(flags),
      nextHopId: optional(positiveU32),
      metrics: optional(metrics),
      preference: optional(fc.constantFrom(0, 1, 3)),
    }),
  )
  .map((route) =>
    present({
      ...route,
      destination: route.prefixLength === 0 ? unspecified(route.family) : route.destination,
      sourceLength: route.source === undefined ? 0 : route.sourceLength,
      nextHops: isReject(route.type) || route.nextHopId !== undefined ? [] : route.nextHops,
    }),
  );

const prefix = (of: Family): fc.Arbitrary<{ address: IpAddress; length: number }> =>
  fc.record({ address: anyIp(of), length: fc.integer({ min: 1, max: maxPrefixLength(of) }) });

/** Numbers that are unused in linux/fib_rules.h today, with any content. */
const unknownAttributes = fc.dictionary(
  fc.integer({ min: 25, max: 0x3fff }).map(String),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.toHex()),
  { minKeys: 1, maxKeys: 3 },
);

export const anyRule: fc.Arbitrary<RuleObject> = family
  .chain((of) =>
    fc.record({
      family: fc.constant(of),
      priority: u32,
      source: optional(prefix(of)),
      destination: optional(prefix(of)),
      inputInterface: optional(anyInterfaceName),
      outputInterface: optional(anyInterfaceName),
      table: u32.map(tableId),
      action: fc.integer({ min: 1, max: 8 }),
      protocol: u8,
      suppressPrefixLength: optional(fc.nat(128)),
      suppressInterfaceGroup: optional(fc.nat(0x7fff_ffff)),
      firewallMark: optional(u32),
      firewallMask: optional(u32),
      gotoTarget: optional(u32),
      l3mdev: optional(fc.constant(true)),
      tos: u8,
      flags: fc.constantFrom(0, 1, 2, 3, 0x10000, 0x10002),
      ipProtocol: optional(u8),
      sourcePorts: optional(fc.tuple(u16, u16)),
      destinationPorts: optional(fc.tuple(u16, u16)),
      uidRange: optional(fc.tuple(u32, u32)),
      tunnelId: optional(fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn })),
      unknown: optional(unknownAttributes),
    }),
  )
  .map(present);
