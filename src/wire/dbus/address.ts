/**
 * Parses server addresses of a bus (D-Bus Specification, "Server Addresses"): the Unix sockets among them.
 */
import { decodeUtf8 } from './utf8.ts';

export type BusAddress =
  | { readonly kind: 'path'; readonly path: string }
  /** In the abstract namespace of unix(7). */
  | { readonly kind: 'abstract'; readonly name: string };

/** Default address of the system bus. */
export const systemBusAddress = 'unix:path=/run/dbus/system_bus_socket';

/** `sun_path` of unix(7) has 108 bytes, including the NUL at its end or start. */
const maxSocketPath = 107;

/**
 * Returns the Unix sockets of a list of addresses, in order. Ignores other transports and invalid entries.
 */
export function parseBusAddresses(text: string): readonly BusAddress[] {
  return text.split(';').flatMap((entry) => parseEntry(entry) ?? []);
}

function parseEntry(entry: string): BusAddress | undefined {
  const [, transport, list = ''] = /^([a-z]+):(.*)$/s.exec(entry) ?? [];
  if (transport !== 'unix') return undefined;
  const pairs = list.split(',').map((pair) => /^([a-z_]+)=(.*)$/s.exec(pair));
  const read = (key: string): string | undefined => {
    const raw = pairs.find((pair) => pair?.[1] === key)?.[2];
    return raw === undefined ? undefined : unescaped(raw);
  };
  const path = read('path');
  if (path !== undefined) return isSocketPath(path) ? { kind: 'path', path } : undefined;
  const name = read('abstract');
  return name !== undefined && name.length > 0 && name.length <= maxSocketPath
    ? { kind: 'abstract', name }
    : undefined;
}

const isSocketPath = (path: string): boolean => path.startsWith('/') && path.length <= maxSocketPath;

/** Decodes escapes: `%` and two hex digits are a byte. */
function unescaped(text: string): string | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const isEscape = text.charAt(at) === '%';
    const digits = text.slice(at + 1, at + 3);
    if (isEscape && !/^[0-9a-f]{2}$/i.test(digits)) return undefined;
    const code = isEscape ? Number.parseInt(digits, 16) : text.charCodeAt(at);
    if (code > 0xff) return undefined;
    bytes.push(code);
    if (isEscape) at += 2;
  }
  return decodeUtf8(Uint8Array.from(bytes), 0, bytes.length);
}
