/**
 * Stable stand-ins for values that identify a network: equal values get equal stand-ins, other values get
 * others. Addresses keep the lengths of the prefixes that they share (the scheme of Crypto-PAn, with random
 * bits that are remembered instead of a key).
 */
import { formatIpv4, formatIpv6, type IpAddress, parseIpBytes } from '../model/address.ts';

/** Returns a random number, at least 0 and less than 1. */
export type Chance = () => number;

/** Prefixes that say what kind of address it is, and addresses that mean something by themselves. */
const keptPrefixes: readonly (readonly [address: string, length: number])[] = [
  ['0.0.0.0', 32],
  ['127.0.0.1', 32],
  ['255.255.255.255', 32],
  ['169.254.0.0', 16],
  ['192.168.0.0', 16],
  ['172.16.0.0', 12],
  ['10.0.0.0', 8],
  ['224.0.0.0', 4],
  ['::', 128],
  ['::1', 128],
  ['fe80::', 64],
  ['fc00::', 7],
  ['ff00::', 16],
  ['2000::', 3],
];

export class StandIns {
  readonly #chance: Chance;
  /** Whether the bit after these leading bits is flipped. */
  readonly #flips = new Map<string, boolean>();
  readonly #words = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #taken = new Set<string>();

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Returns the stand-in of an address: of the same family and kind. */
  address(address: IpAddress): IpAddress {
    const bytes = parseIpBytes(address);
    return bytes === undefined ? address : format(this.#mapBits(bytes));
  }

  /** The stand-in of a network, with zeros after its length. */
  network(address: IpAddress, length: number): IpAddress {
    const bytes = parseIpBytes(address);
    return bytes === undefined ? address : format(masked(this.#mapBits(bytes), length, 0));
  }

  /** The stand-in of a broadcast address, with ones after the length of its network. */
  broadcast(address: IpAddress, length: number): IpAddress {
    const bytes = parseIpBytes(address);
    return bytes === undefined ? address : format(masked(this.#mapBits(bytes), length, 1));
  }

  /** Returns another hexadecimal text of the same length and punctuation; all zeros and all ones stay. */
  hex(text: string): string {
    if (/^[0:]*$/.test(text) || /^[f:]*$/i.test(text)) return text;
    return this.#word(`hex ${text}`, () =>
      // The first byte stays locally administered and unicast, as of a virtual link.
      text.replaceAll(/[0-9a-f]/gi, () => Math.floor(this.#chance() * 16).toString(16)).replace(/^../, '02'),
    );
  }

  /** Returns the stand-in of a link's name: the letters that tell its kind, and a number. */
  link(name: string): string {
    if (name === 'lo') return name;
    const kind = linkKinds.find((one) => name.startsWith(one)) ?? 'link';
    const trunk = kind.endsWith('-') ? kind : `${kind}-`;
    return this.#word(`link ${name}`, () => `${trunk}r${this.#count(kind)}`);
  }

  /** Returns `kind` and a number; `suffix` follows. */
  text(kind: string, text: string, suffix = ''): string {
    return this.#word(`${kind} ${text}`, () => `${kind}-r${this.#count(kind)}${suffix}`);
  }

  #count(kind: string): number {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return count;
  }

  #word(key: string, make: () => string): string {
    const known = this.#words.get(key);
    if (known !== undefined) return known;
    let made = make();
    while (this.#taken.has(made)) made = make();
    this.#taken.add(made);
    this.#words.set(key, made);
    return made;
  }

  #mapBits(bytes: Uint8Array): Uint8Array {
    const mapped = Uint8Array.from(bytes);
    let path = `${bytes.length}:`;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const value = bitAt(bytes, bit);
      if (this.#flip(path)) flipBit(mapped, bit);
      path += value;
    }
    return mapped;
  }

  #flip(path: string): boolean {
    const known = this.#flips.get(path);
    if (known !== undefined) return known;
    const flip = !fixedBits.has(path) && this.#chance() < 0.5;
    this.#flips.set(path, flip);
    return flip;
  }
}

/** Beginnings of names that decide about something: defaults of `monitoring.exclude`, and common drivers. */
const linkKinds: readonly string[] = [
  ...['docker', 'br-', 'cni', 'flannel', 'cilium', 'cali', 'veth', 'virbr', 'lxc'],
  ...['eth', 'en', 'wl', 'ww', 'wg', 'tun', 'tap', 'ppp', 'bond', 'team', 'vlan', 'br', 'dummy'],
];

const bitAt = (bytes: Uint8Array, bit: number): number => ((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;

function flipBit(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (7 - (bit & 7)));
}

/** Sets every bit after `length` to `value`. */
function masked(bytes: Uint8Array, length: number, value: 0 | 1): Uint8Array {
  for (let bit = length; bit < bytes.length * 8; bit++) if (bitAt(bytes, bit) !== value) flipBit(bytes, bit);
  return bytes;
}

const format = (bytes: Uint8Array): IpAddress =>
  bytes.length === 4 ? formatIpv4(bytes, 0) : formatIpv6(bytes, 0);

/** Leading bits after which the next one stays, so that a kept prefix is mapped to itself, and nothing else is. */
const fixedBits: ReadonlySet<string> = new Set(
  keptPrefixes.flatMap(([address, length]) => {
    const bytes = parseIpBytes(address) ?? new Uint8Array();
    const bits = Array.from({ length }, (_, bit) => bitAt(bytes, bit)).join('');
    return Array.from(bits, (_, end) => `${bytes.length}:${bits.slice(0, end)}`);
  }),
);
