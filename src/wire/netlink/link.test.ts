import { describe, expect, test } from 'bun:test';
import { LinkFlag, type LinkObject, OperStatus } from '../../core/model/kernel-objects.ts';
import { capturedMessages, ipOutput } from '../../testing/netlink-fixtures.ts';
import { MessageType } from './constants.ts';
import { type LinkResult, parseLink } from './link.ts';
import { encodeText } from './text.ts';

type IpJson = Readonly<Record<string, unknown>>;

function decoded(scenario: string, file: string, types: readonly number[]): LinkResult[] {
  return capturedMessages(scenario, file)
    .filter(({ header }) => types.includes(header.type))
    .map(({ datagram, header }) => parseLink(datagram, header.offset, header.length));
}

function links(
  scenario: string,
  file = 'links.hex',
  types: readonly number[] = [MessageType.newLink],
): LinkObject[] {
  return decoded(scenario, file, types).flatMap((result) => (result.ok ? [result.link] : []));
}

/** The text as ip prints it, read as Latin-1: the raw bytes. */
const raw = (text: string): string => String.fromCharCode(...encodeText(text));

/** `if_flags` of linux/if.h as ip names them, those that the kernel object names. */
const flagNames: readonly (readonly [number, string])[] = [
  [LinkFlag.up, 'UP'],
  [LinkFlag.broadcast, 'BROADCAST'],
  [LinkFlag.loopback, 'LOOPBACK'],
  [LinkFlag.pointToPoint, 'POINTOPOINT'],
  [LinkFlag.noArp, 'NOARP'],
  [LinkFlag.promisc, 'PROMISC'],
  [LinkFlag.allMulti, 'ALLMULTI'],
  [LinkFlag.multicast, 'MULTICAST'],
  [LinkFlag.lowerUp, 'LOWER_UP'],
  [LinkFlag.dormant, 'DORMANT'],
];
const byText = (one: string, other: string): number => (one < other ? -1 : 1);
const notFromKernel = ['NO-CARRIER', 'M-DOWN'];
const operNames: Readonly<Record<number, string>> = {
  [OperStatus.unknown]: 'UNKNOWN',
  [OperStatus.down]: 'DOWN',
  [OperStatus.lowerLayerDown]: 'LOWERLAYERDOWN',
  [OperStatus.up]: 'UP',
};

/** A link as `ip -j -d -s link` prints it, in the keys that both have. */
function linkAsIp(link: LinkObject, all: readonly LinkObject[]): IpJson {
  const nameOf = (index: number | undefined): string | undefined =>
    all.filter((other) => other.index === index).map((other) => raw(other.name))[0];
  const far = link.lowerNamespaceId !== undefined;
  const optional = {
    link: far ? undefined : nameOf(link.lower),
    link_index: far ? link.lower : undefined,
    link_netnsid: link.lowerNamespaceId,
    master: nameOf(link.master),
    ifalias: link.alias === undefined ? undefined : raw(link.alias),
    altnames: link.altNames.length === 0 ? undefined : link.altNames.map(raw),
    permaddr: link.permanentAddress,
    address: link.hardwareAddress || undefined,
    broadcast: link.broadcastAddress || undefined,
    kind: link.kind,
  };
  return {
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    ifindex: link.index,
    ifname: raw(link.name),
    flags: flagNames
      .filter(([bit]) => (link.flags & bit) !== 0)
      .map(([, name]) => name)
      .sort(byText),
    mtu: link.mtu,
    operstate: operNames[link.operStatus],
    group: String(link.group),
    txqlen: link.txQueueLength,
    link_type: `[${link.hardwareType}]`,
    promiscuity: link.promiscuity,
    num_tx_queues: link.numTxQueues,
    num_rx_queues: link.numRxQueues,
    gso_max_size: link.gsoMaxSize,
    gso_max_segs: link.gsoMaxSegs,
    stats64: statisticsAsIp(link),
  };
}

function statisticsAsIp({ statistics }: LinkObject): IpJson {
  return {
    rx: {
      bytes: statistics?.rxBytes,
      packets: statistics?.rxPackets,
      errors: statistics?.rxErrors,
      dropped: statistics?.rxDropped,
      over_errors: statistics?.rxOverErrors,
      multicast: statistics?.multicast,
    },
    tx: {
      bytes: statistics?.txBytes,
      packets: statistics?.txPackets,
      errors: statistics?.txErrors,
      dropped: statistics?.txDropped,
      carrier_errors: statistics?.txCarrierErrors,
      collisions: statistics?.collisions,
    },
  };
}

/** The output of `ip` without fields that the codec does not model. */
function modelledOnly(printed: IpJson): IpJson {
  const { linkinfo, flags, ...rest } = printed as IpJson & { linkinfo?: IpJson; flags: string[] };
  const unmodelled =
    /^(qdisc|linkmode|allmulti|min_mtu|max_mtu|inet6_addr_gen_mode|tso_max_|gro_max_|parentbus|parentdev)/;
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([key]) => !unmodelled.test(key))),
    ...(linkinfo?.['info_kind'] !== undefined && { kind: linkinfo['info_kind'] }),
    flags: flags.filter((flag) => !notFromKernel.includes(flag)).sort(byText),
  };
}

describe('parseLink', () => {
  for (const scenario of ['links', 'names', 'addresses', 'routes'] as const) {
    test(`parseLink agrees with ip on the links of "${scenario}"`, () => {
      const all = links(scenario);
      expect(all.length).toBeGreaterThan(3);
      expect(all.map((link) => linkAsIp(link, all))).toEqual(ipOutput(scenario, 'links').map(modelledOnly));
    });
  }

  test('a moved link has the id of its new namespace, a deleted one has none', () => {
    const gone = decoded('links', 'events.hex', [MessageType.delLink]).flatMap((result) =>
      result.ok ? [[result.link.name, result.movedTo]] : [],
    );
    expect(gone).toEqual([
      ['gone0', 0],
      ['gone1', undefined],
    ]);
  });

  test('messages of a bridge about its ports are ignored', () => {
    const results = decoded('links', 'events.hex', [MessageType.newLink, MessageType.delLink]);
    const reasons = results.flatMap((result) => (!result.ok && result.ignored ? [result.reason] : []));
    expect(reasons.length).toBeGreaterThan(2);
    expect(new Set(reasons)).toEqual(new Set(['family']));
    expect(results.filter((result) => !result.ok && !result.ignored)).toEqual([]);
  });

  test('a renamed link has its new name and alternative names', () => {
    const seen = links('links', 'events.hex');
    expect(seen.filter((link) => /^ifb[09]$/.test(link.name)).at(-1)?.name).toBe('ifb9');
    expect(seen.map((link) => link.altNames.length)).toContain(2);
  });

  test('names that are not UTF-8 differ from names that look like their escapes', () => {
    const names = links('names').map((link) => link.name);
    expect(names).toEqual(['lo', 'büro', 'x\\xffy', 'a\\b', 'a\\x5cxff', 'a\\xff', 'esc\x1b[1m', 'plain']);
    expect(new Set(names).size).toBe(names.length);
  });

  test('hardware addresses of any length are read, including the permanent one', () => {
    const bytes = Uint8Array.of(
      ...[0, 0, 32, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      ...[8, 0, 3, 0, 0x69, 0x62, 0x30, 0],
      ...[8, 0, 4, 0, 0xfc, 7, 0, 0],
      ...[12, 0, 1, 0, 0x80, 0, 2, 8, 0xfe, 0x80, 0, 1],
      ...[10, 0, 2, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0, 0],
      ...[10, 0, 54, 0, 0x0a, 0xb0, 0xff, 0x01, 0x9c, 0x00, 0, 0],
    );
    expect(parseLink(bytes, 0, bytes.length)).toMatchObject({
      ok: true,
      link: {
        hardwareType: 32,
        hardwareAddress: '80:00:02:08:fe:80:00:01',
        broadcastAddress: 'ff:ff:ff:ff:ff:fe',
        permanentAddress: '0a:b0:ff:01:9c:00',
      },
    });
  });

  test('a wireless event is not a link', () => {
    const bytes = Uint8Array.of(
      ...[0, 0, 1, 0, 3, 0, 0, 0, 0x43, 0x10, 1, 0, 0, 0, 0, 0],
      ...[10, 0, 3, 0, 0x77, 0x6c, 0x61, 0x6e, 0x30, 0, 0, 0],
      ...[8, 0, 11, 0, 1, 2, 3, 4],
    );
    expect(parseLink(bytes, 0, bytes.length)).toEqual({ ok: false, ignored: true, reason: 'partial' });
  });

  const header = [0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const name = [6, 0, 3, 0, 0x61, 0, 0, 0];
  const mtu = [8, 0, 4, 0, 0xdc, 5, 0, 0];
  const rows: readonly (readonly [string, readonly number[], string, number])[] = [
    ['a struct cut short', header.slice(0, 15), 'struct-truncated', 0],
    ['no name', [...header, ...mtu], 'attribute-missing', 0],
    ['no MTU', [...header, ...name], 'attribute-missing', 0],
    ['an empty name', [...header, 5, 0, 3, 0, 0, 0, 0, 0, ...mtu], 'value-range', 20],
    ['index 0', [0, 0, 1, 0, 0, 0, 0, 0, ...header.slice(8), ...name, ...mtu], 'value-range', 4],
    ['an MTU of two bytes', [...header, ...name, 6, 0, 4, 0, 1, 2, 0, 0], 'attribute-short', 24],
    ['an attribute of three bytes', [...header, ...name, ...mtu, 3, 0, 9, 0], 'attribute-length', 32],
    ['an attribute beyond the end', [...header, ...name, ...mtu, 9, 0, 9, 0], 'attribute-length', 32],
    ['three bytes left over', [...header, ...name, ...mtu, 4, 0, 9], 'attribute-length', 32],
    ['a broken nest', [...header, ...name, ...mtu, 8, 0, 18, 0, 1, 0, 1, 0], 'attribute-length', 36],
    [
      'broken alternative names',
      [...header, ...name, ...mtu, 8, 0, 52, 0, 9, 0, 53, 0],
      'attribute-length',
      36,
    ],
  ];
  for (const [name, bytes, code, offset] of rows) {
    test(`parseLink reports the position of ${name}`, () => {
      const result = parseLink(Uint8Array.from(bytes), 0, bytes.length);
      expect(result).toMatchObject({ ok: false, ignored: false, problem: { code, offset } });
    });
  }
});
