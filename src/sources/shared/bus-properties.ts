/**
 * The part of the standard interface org.freedesktop.DBus.Properties (D-Bus Specification) that a reader
 * needs.
 */
import type { BusCall, SignalRule } from '../../ports/bus-connection.ts';
import { type BusDictionary, type BusValue, dictionaryOf, textOf, textsOf } from '../../wire/dbus/value.ts';

const propertiesInterface = 'org.freedesktop.DBus.Properties';

/** Matches the signal that properties of an object, or of one below it, changed. */
export const propertiesChanged = (pathNamespace: string): SignalRule => ({
  interface: propertiesInterface,
  member: 'PropertiesChanged',
  pathNamespace,
});

export interface PropertiesChange {
  readonly interface: string;
  readonly changed: BusDictionary;
  /** Names of properties that changed; the signal does not have their values. */
  readonly invalidated: readonly string[];
}

/** Parses the arguments of PropertiesChanged; undefined for other types. */
export function parsePropertiesChanged(values: readonly BusValue[]): PropertiesChange | undefined {
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

/** Whether the error means that the object does not exist, rather than that it cannot be read. */
export const isGoneError = (errorName: string): boolean => goneErrors.has(errorName);
