/** A copy of NetworkManager's objects: filled by one read, kept up to date by its signals. */
import { type BusDictionary, type BusValue, dictionaryOf, textOf } from '../../wire/dbus/value.ts';
import { Interface, mirroredProperties, stateProperties } from './bus-names.ts';

type Properties = ReadonlyMap<string, BusValue>;

export class Mirror {
  /** By path and interface. */
  #objects = new Map<string, Map<string, Properties>>();

  /** Replaces everything by the answer of GetManagedObjects. Returns false for an invalid answer. */
  fill(answer: BusValue | undefined): boolean {
    const objects = dictionaryOf(answer);
    if (objects === undefined) return false;
    this.#objects = new Map();
    for (const [path, interfaces] of objects) this.add(String(path), dictionaryOf(interfaces));
    return true;
  }

  /** An object has new interfaces, with these properties. */
  add(path: string, interfaces: BusDictionary | undefined): void {
    for (const [name, properties] of interfaces ?? []) {
      const mirrored = mirroredOf(String(name), dictionaryOf(properties), () => true);
      if (mirrored !== undefined) this.#object(path).set(String(name), mirrored);
    }
  }

  /** An object has lost interfaces. */
  remove(path: string, interfaces: readonly string[]): void {
    const object = this.#objects.get(path);
    for (const name of interfaces) object?.delete(name);
    if (object?.size === 0) this.#objects.delete(path);
  }

  /** Properties have changed. Returns true if the mirror has any of them. */
  change(path: string, name: string, changed: BusDictionary): boolean {
    const before = this.#objects.get(path)?.get(name);
    const mirrored = mirroredOf(name, changed, (property) => !stateProperties.has(property));
    if (before === undefined || mirrored === undefined || mirrored.size === 0) return false;
    this.#object(path).set(name, new Map([...before, ...mirrored]));
    return true;
  }

  get(path: string, name: string): Properties | undefined {
    return this.#objects.get(path)?.get(name);
  }

  /** The properties of the object that a property refers to. */
  referenced(properties: Properties, property: string, name: string): Properties | undefined {
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
    const known = this.#objects.get(path);
    if (known !== undefined) return known;
    const object = new Map<string, Properties>();
    this.#objects.set(path, object);
    return object;
  }
}

/** The properties that the mirror has; undefined where it does not have the interface. */
function mirroredOf(
  name: string,
  properties: BusDictionary | undefined,
  isWanted: (property: string) => boolean,
): Properties | undefined {
  const names = mirroredProperties.get(name);
  if (names === undefined || properties === undefined) return undefined;
  const found = new Map<string, BusValue>();
  for (const [property, value] of properties) {
    const key = String(property);
    if (names.has(key) && isWanted(key)) found.set(key, value);
  }
  return found;
}
