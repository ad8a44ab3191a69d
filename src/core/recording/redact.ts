/**
 * Replaces what identifies a network in recorded facts: addresses, names, hardware addresses, DHCP values,
 * paths. What decides (states, flags, numbers, times) stays. A text that no rule knows is replaced, so that a
 * new field cannot leak.
 */
import { maxPrefixLength, parseIp } from '../model/address.ts';
import type { Fact } from '../model/fact.ts';
import type { StandIns } from './stand-ins.ts';

/** Replaces the values of facts; one redactor for a whole recording. */
export class Redactor {
  readonly #standIns: StandIns;

  constructor(standIns: StandIns) {
    this.#standIns = standIns;
  }

  redact(fact: Fact): Fact {
    return this.#value('', fact, {}) as Fact;
  }

  /** `key` names the value in `owner`. */
  #value(key: string, value: unknown, owner: object): unknown {
    if (typeof value === 'string') return this.#text(key, value, owner);
    if (value instanceof Map) {
      return new Map([...value].map(([name, one]) => [name, this.#value(key, one, owner)]));
    }
    if (Array.isArray(value)) return value.map((one: unknown) => this.#value(key, one, owner));
    if (typeof value !== 'object' || value === null || value instanceof Set) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]: [string, unknown]) => [name, this.#value(name, one, value)]),
    );
  }

  #text(key: string, text: string, owner: object): string {
    if (text === '' || keptKeys.has(key)) return text;
    // `source` is a prefix of a route or rule, or the manager that lost messages.
    if (key === 'source' && 'cause' in owner) return text;
    if (linkKeys.has(key)) return this.#standIns.link(text);
    if (hexKeys.has(key)) return this.#standIns.hex(text);
    if (fileKeys.has(key)) return `/${this.#standIns.text('file', text)}`;
    if (lineKeys.has(key)) return this.#line(text);
    return this.#typed(key, text, owner);
  }

  #typed(key: string, text: string, owner: object): string {
    // A selector of a rule is an object of `address` and `length`.
    if (key === 'address' && 'length' in owner) return this.#withLength('source', text, owner) ?? text;
    if (key === 'destination' || key === 'source' || key === 'broadcast') {
      const fixed = this.#withLength(key, text, owner);
      if (fixed !== undefined) return fixed;
    }
    return this.#words(text, /([\s,@])/);
  }

  /** An address whose host bits follow from the length beside it. */
  #withLength(key: string, text: string, owner: object): string | undefined {
    const address = parseIp(text);
    const name =
      { destination: 'prefixLength', source: 'sourceLength', broadcast: 'prefixLength' }[key] ?? '';
    const length: unknown = Reflect.get(owner, name) ?? Reflect.get(owner, 'length');
    if (address === undefined || typeof length !== 'number') return undefined;
    return key === 'broadcast'
      ? this.#standIns.broadcast(address, length)
      : this.#standIns.network(address, length);
  }

  /** `ADDRESS=192.0.2.9 ROUTER=192.0.2.1,192.0.2.2`: the keys stay. */
  #line(text: string): string {
    return text
      .split(' ')
      .map((pair) => {
        const at = pair.indexOf('=');
        const key = pair.slice(0, at);
        if (at < 1) return this.#words(pair, /([,@])/);
        if (timeKeys.has(key)) return pair;
        const value = pair.slice(at + 1);
        return `${key}=${key === 'INTERFACE' ? this.#standIns.link(value) : this.#words(value, /([,@])/)}`;
      })
      .join(' ');
  }

  #words(text: string, separator: RegExp): string {
    return text
      .split(separator)
      .map((word) => (word === '' || separator.test(word) ? word : this.#word(word)))
      .join('');
  }

  #word(word: string): string {
    const address = parseIp(word);
    if (address !== undefined) return isMask(word) ? word : this.#standIns.address(address);
    const [network = '', length = ''] = word.split('/');
    const prefix = parseIp(network);
    if (prefix !== undefined && /^\d{1,3}$/.test(length)) {
      return `${this.#standIns.network(prefix, Math.min(Number(length), maxPrefixLength(prefix.includes(':') ? 6 : 4)))}/${length}`;
    }
    if (/^[0-9a-f]{2}(:[0-9a-f]{2})+$/i.test(word)) return this.#standIns.hex(word);
    // Names with a dot stay names with a dot: whether a domain is one label decides nothing else.
    return word.includes('.')
      ? this.#standIns.text('name', word, '.example')
      : this.#standIns.text('text', word);
  }
}

/** A netmask is no address: its bits are a length. */
const isMask = (text: string): boolean => {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4) return false;
  const bits = parts.map((part) => part.toString(2).padStart(8, '0')).join('');
  return /^1{8,}0*$/.test(bits);
};

/** Texts that decide, or that netevd itself chose. */
const keptKeys: ReadonlySet<string> = new Set([
  ...['kind', 'how', 'cause', 'backend', 'driver', 'drivers'],
  ...['operational', 'administrative', 'carrierState', 'addressState', 'ipv4AddressState'],
  ...['ipv6AddressState', 'onlineState', 'state', 'expires', 'directories'],
  // Properties of the host that managers report as single words.
  ...['OperationalState', 'CarrierState', 'AddressState', 'IPv4AddressState', 'IPv6AddressState'],
  ...['OnlineState', 'State', 'Connectivity'],
  // Times and sizes of NetworkManager's DHCP options.
  ...['dhcp_lease_time', 'dhcp_renewal_time', 'dhcp_rebinding_time', 'expiry', 'interface_mtu'],
  ...['life_starts', 'max_life', 'preferred_life', 'ip6_prefixlen', 'subnetMask', 'subnet_mask'],
]);

const linkKeys: ReadonlySet<string> = new Set([
  'name',
  'altNames',
  'interfaceName',
  'inputInterface',
  'outputInterface',
]);
const hexKeys: ReadonlySet<string> = new Set(['hardwareAddress', 'broadcastAddress', 'permanentAddress']);
const fileKeys: ReadonlySet<string> = new Set(['networkFile', 'linkFile']);
const lineKeys: ReadonlySet<string> = new Set(['text', 'content']);
const timeKeys: ReadonlySet<string> = new Set(['LIFETIME', 'RENEW', 'REBIND', 'EXPIRE', 'MTU', 'NETMASK']);
