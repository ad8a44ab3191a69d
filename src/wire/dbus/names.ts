/** Names on the bus (D-Bus Specification, "Valid Names") and the labels that systemd makes of other names for object paths. */

const maxNameLength = 255;

/** `/`, or elements of `[A-Za-z0-9_]` that each follow a `/`. */
export const isObjectPath = (text: string): boolean => text === '/' || /^(\/[A-Za-z0-9_]+)+$/.test(text);

/** Two or more elements, none of which starts with a digit. Error names have the same form. */
export const isInterfaceName = (text: string): boolean =>
  text.length <= maxNameLength && /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$/.test(text);

export const isMemberName = (text: string): boolean =>
  text.length <= maxNameLength && /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);

/** What a service asks for: `org.freedesktop.network1`. */
export const isWellKnownName = (text: string): boolean =>
  text.length <= maxNameLength && /^[A-Za-z_-][A-Za-z0-9_-]*(\.[A-Za-z_-][A-Za-z0-9_-]*)+$/.test(text);

/** What the bus gives each connection: `:1.42`. */
export const isUniqueName = (text: string): boolean =>
  text.length <= maxNameLength && /^:[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/.test(text);

/**
 * The text behind a label of an object path, as sd_bus_path_decode(3) reads it: `_` and two lower-case hex digits stand
 * for a byte, `_` alone for the empty text. Undefined where sd_bus_path_encode(3) would never have written it.
 */
export function decodeLabel(label: string): string | undefined {
  if (label === '_') return '';
  let text = '';
  for (let at = 0; at < label.length; at++) {
    if (label.charAt(at) !== '_') {
      text += label.charAt(at);
      continue;
    }
    const digits = label.slice(at + 1, at + 3);
    if (!/^[0-9a-f]{2}$/.test(digits)) return undefined;
    text += String.fromCharCode(Number.parseInt(digits, 16));
    at += 2;
  }
  return encodeLabel(text) === label ? text : undefined;
}

/** The label of a text of ASCII characters, as sd_bus_path_encode(3) writes it. */
export function encodeLabel(text: string): string {
  if (text === '') return '_';
  const escaped = (character: string): string => `_${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return text.replace(/^[0-9]|[^A-Za-z0-9]/g, escaped);
}
