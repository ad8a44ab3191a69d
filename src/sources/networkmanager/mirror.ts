/** What NetworkManager's objects say, as far as it is of interest: filled by one reading, kept up by its signals. */
import { type BusDictionary, type BusValue, dictionaryOf, textOf } from '../../wire/dbus/value.ts';
import { Interface, keptProperties, stateProperties } from './bus-names.ts';

type Properties = ReadonlyMap<string, BusValue>;

export class Mirror {
  /** By path and interface. */
  #objects = new Map<string, Map<string, Properties>>();

  /** Replaces everything by the answer of GetManagedObjects; false where it is none. */
  fill(answer: BusValue | undefined): boolean {
    const objects = dictionaryOf(answer);
    if (objects === undefined) return false;
    this.#objects = new Map();
    for (const [path, interfaces] of objects) this.add(String(path), dictionaryOf(interfaces));
    return true;
  }

  /** An object has these interfaces now, with these properties. */
  add(path: string, interfaces: BusDictionary | undefined): void {
    for (const [name, properties] of interfaces ?? []) {
      const kept = keptOf(String(name), dictionaryOf(properties), () => true);
      if (kept !== undefined) this.#object(path).set(String(name), kept);
    }
  }

  /** An object does not have these interfaces any more. */
  remove(path: string, interfaces: readonly string[]): void {
    const object = this.#objects.get(path);
    for (const name of interfaces) object?.delete(name);
    if (object?.size === 0) this.#objects.delete(path);
  }

  /** Properties have changed; says whether any of them is of interest. */
  change(path: string, name: string, changed: BusDictionary): boolean {
    const held = this.#objects.get(path)?.get(name);
    const kept = keptOf(name, changed, (property) => !stateProperties.has(property));
    if (held === undefined || kept === undefined || kept.size === 0) return false;
    this.#object(path).set(name, new Map([...held, ...kept]));
    return true;
  }

  get(path: string, name: string): Properties | undefined {
    return this.#objects.get(path)?.get(name);
  }

  /** What a property of an object names: the properties of the object there. */
  behind(properties: Properties, property: string, name: string): Properties | undefined {
    const path = textOf(properties.get(property));
    return path === undefined ? undefined : this.get(path, name);
  }

  *devices(): Iterable<readonly [path: string, properties: Properties]> {
    for (const [path, interfaces] of this.#objects) {
      const device = interfaces.get(Interface.device);
      if (device !== undefined) yield [path, device];
    }
  }

  #object(path: string): Map<string, Properties> {
    const held = this.#objects.get(path);
    if (held !== undefined) return held;
    const object = new Map<string, Properties>();
    this.#objects.set(path, object);
    return object;
  }
}

/** Undefined where the interface is of no interest. */
function keptOf(
  name: string,
  properties: BusDictionary | undefined,
  isWanted: (property: string) => boolean,
): Properties | undefined {
  const kept = keptProperties.get(name);
  if (kept === undefined || properties === undefined) return undefined;
  const found = new Map<string, BusValue>();
  for (const [property, value] of properties) {
    const key = String(property);
    if (kept.has(key) && isWanted(key)) found.set(key, value);
  }
  return found;
}
