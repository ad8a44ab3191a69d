/**
 * systemd-networkd on a fake bus: links with the properties that a test gives them; answers at once or on
 * request.
 */
import type { BusCall, CallResult } from '../ports/bus-connection.ts';
import { encodeLabel } from '../wire/dbus/names.ts';
import type { BusKey, BusValue } from '../wire/dbus/value.ts';
import type { FakeBus } from './fake-bus.ts';

type Properties = Readonly<Record<string, string>>;

export const networkdName = 'org.freedesktop.network1';
const root = '/org/freedesktop/network1';

export const networkdLinkPath = (index: number): string => `${root}/link/${encodeLabel(String(index))}`;

/** Properties as `a{sv}`. */
export const asVariants = (properties: Properties): ReadonlyMap<BusKey, BusValue> =>
  new Map(Object.entries(properties).map(([name, value]) => [name, { signature: 's', value }]));

interface FakeLink {
  readonly name: string;
  properties: Properties;
  /** Answer of Describe; undefined: it fails. */
  description: string | undefined;
}

export class FakeNetworkd {
  readonly links: Map<number, FakeLink> = new Map<number, FakeLink>();
  host: Properties = { OperationalState: 'routable', CarrierState: 'carrier', AddressState: 'routable' };
  /** Members whose answers wait for `answer`. */
  readonly slow: Set<string> = new Set<string>();
  /** Members that fail, with the error name. */
  readonly broken: Map<string, string> = new Map<string, string>();
  readonly #bus: FakeBus;
  readonly #waiting: (() => void)[] = [];

  constructor(bus: FakeBus) {
    this.#bus = bus;
  }

  start(): string {
    return this.#bus.own(networkdName, (call, answer) => this.#answer(call, answer));
  }

  stop(): void {
    this.#bus.release(networkdName);
  }

  add(index: number, properties: Properties, details: object = {}): void {
    this.links.set(index, { name: `link${index}`, properties, description: JSON.stringify(details) });
  }

  /** Changes properties of a link and sends the signal. */
  change(index: number, changed: Properties, invalidated: readonly string[] = []): void {
    const link = this.links.get(index);
    if (link !== undefined) link.properties = { ...link.properties, ...changed };
    this.#changed(networkdLinkPath(index), `${networkdName}.Link`, changed, invalidated);
  }

  describe(index: number, details: object | string | undefined): void {
    const link = this.links.get(index);
    const text = typeof details === 'object' ? JSON.stringify(details) : details;
    if (link !== undefined) link.description = text;
  }

  changeHost(changed: Properties): void {
    this.host = { ...this.host, ...changed };
    this.#changed(root, `${networkdName}.Manager`, changed, []);
  }

  /** Sends the oldest waiting answers, or all of them. */
  answer(count: number = this.#waiting.length): void {
    for (const send of this.#waiting.splice(0, count)) send();
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  #changed(path: string, of: string, changed: Properties, invalidated: readonly string[]): void {
    this.#bus.emit(networkdName, {
      path,
      interface: 'org.freedesktop.DBus.Properties',
      member: 'PropertiesChanged',
      values: [of, asVariants(changed), invalidated],
    });
  }

  #answer(call: BusCall, answer: (result: CallResult) => void): void {
    const send = (): void => answer(this.#result(call));
    if (this.slow.has(call.member)) this.#waiting.push(send);
    else send();
  }

  /** The state at the time of the answer, as in a service that processes one call after another. */
  #result(call: BusCall): CallResult {
    const { path, member } = call;
    const failure = this.broken.get(member);
    if (failure !== undefined) return { ok: false, name: failure, message: `${member} fails` };
    if (member === 'ListLinks') {
      const list = [...this.links].map(([index, { name }]) => [index, name, networkdLinkPath(index)]);
      return { ok: true, values: [list] };
    }
    if (path === root) return { ok: true, values: [asVariants(this.host)] };
    const link = [...this.links].find(([index]) => networkdLinkPath(index) === path)?.[1];
    if (link === undefined) return unknownObject(path);
    if (member === 'GetAll') return { ok: true, values: [asVariants(link.properties)] };
    return link.description === undefined ? unknownObject(path) : { ok: true, values: [link.description] };
  }
}

const unknownObject = (path: string): CallResult => ({
  ok: false,
  name: 'org.freedesktop.DBus.Error.UnknownObject',
  message: `Unknown object '${path}'.`,
});
