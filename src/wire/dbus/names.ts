/**
 * Names on the bus (D-Bus Specification, "Valid Names"), and systemd's encoding of other names as path
 * labels.
 */

const maxNameLength = 255;

/** `/`, or elements of `[A-Za-z0-9_]` that each follow a `/`. */
export const isObjectPath = (text: string): boolean => text === '/' || /^(\/[A-Za-z0-9_]+)+$/.test(text);

/**
 * Whether a text is the name of a D-Bus interface: two or more elements that do not start with a digit, like
 * errors.
 */
export const isBusInterfaceName = (text: string): boolean =>
  text.length <= maxNameLength && /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$/.test(text);

export const isMemberName = (text: string): boolean =>
  text.length <= maxNameLength && /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);

/** Whether a text is a name that a service requests: `org.freedesktop.network1`. */
export const isWellKnownName = (text: string): boolean =>
  text.length <= maxNameLength && /^[A-Za-z_-][A-Za-z0-9_-]*(\.[A-Za-z_-][A-Za-z0-9_-]*)+$/.test(text);

/** Whether a text is a name that the bus assigns to a connection: `:1.42`. */
export const isUniqueName = (text: string): boolean =>
  text.length <= maxNameLength && /^:[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/.test(text);

/**
 * Decodes a label of an object path like sd_bus_path_decode(3): `_` and two lower-case hex digits are a byte,
 * `_` alone is the empty text. Returns undefined for a label that sd_bus_path_encode(3) does not produce.
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

/** Encodes an ASCII text as a label like sd_bus_path_encode(3). */
export function encodeLabel(text: string): string {
  if (text === '') return '_';
  const escaped = (character: string): string => `_${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return text.replace(/^[0-9]|[^A-Za-z0-9]/g, escaped);
}
