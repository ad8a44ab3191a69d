/** The standard interface org.freedesktop.DBus.Properties (D-Bus Specification), as far as a reader needs it. */
import type { BusCall, SignalRule } from '../../ports/bus-connection.ts';
import { type BusDictionary, type BusValue, dictionaryOf, textOf, textsOf } from '../../wire/dbus/value.ts';

const propertiesInterface = 'org.freedesktop.DBus.Properties';

/** The signal that properties of an object, and of those below it, have changed. */
export const propertiesChanged = (pathNamespace: string): SignalRule => ({
  interface: propertiesInterface,
  member: 'PropertiesChanged',
  pathNamespace,
});

export interface PropertiesChange {
  readonly interface: string;
  readonly changed: BusDictionary;
  /** Names of properties that changed without saying to what. */
  readonly invalidated: readonly string[];
}

/** The arguments of PropertiesChanged; undefined where they are of other types. */
export function readPropertiesChanged(values: readonly BusValue[]): PropertiesChange | undefined {
  const name = textOf(values[0]);
  const changed = dictionaryOf(values[1]);
  const invalidated = textsOf(values[2]);
  if (name === undefined || changed === undefined || invalidated === undefined) return undefined;
  return { interface: name, changed, invalidated };
}

/** The call that reads every property of an interface; its answer is one dictionary. */
export const getAll = (destination: string, path: string, name: string): BusCall => ({
  destination,
  path,
  interface: propertiesInterface,
  member: 'GetAll',
  body: { signature: 's', values: [name] },
});

const goneErrors: ReadonlySet<string> = new Set(
  ['UnknownObject', 'UnknownInterface', 'UnknownMethod'].map((name) => `org.freedesktop.DBus.Error.${name}`),
);

/** Whether an error says that the object is not there, rather than that it could not be read. */
export const saysGone = (errorName: string): boolean => goneErrors.has(errorName);
