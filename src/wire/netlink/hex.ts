/** Bytes as hex digits, hardware addresses above all. */

const hexBytes: readonly string[] = Array.from({ length: 256 }, (_, value) =>
  value.toString(16).padStart(2, '0'),
);

/** Lower-case hex of `length` bytes, with `separator` between them. */
export function decodeHex(bytes: Uint8Array, offset: number, length: number, separator: string): string {
  if (length === 0) return '';
  let text = hexBytes[bytes[offset] as number] as string;
  for (let i = 1; i < length; i++) text += separator + (hexBytes[bytes[offset + i] as number] as string);
  return text;
}

/** A hardware address: lower-case hex joined by colons, '' for none. */
export function decodeHardwareAddress(bytes: Uint8Array, offset: number, length: number): string {
  if (length !== 6) return decodeHex(bytes, offset, length, ':');
  return isEthernetBroadcast(bytes, offset) ? 'ff:ff:ff:ff:ff:ff' : decodeEthernet(bytes, offset);
}

function isEthernetBroadcast(bytes: Uint8Array, offset: number): boolean {
  for (let i = 0; i < 6; i++) if (bytes[offset + i] !== 0xff) return false;
  return true;
}

const digits: Uint8Array = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const high = (value: number | undefined): number => digits[(value as number) >> 4] as number;
const low = (value: number | undefined): number => digits[(value as number) & 15] as number;

/** In one step, and not by joining: half the time, and no chain of eleven strings that the state would keep. */
function decodeEthernet(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(
    high(bytes[at]),
    low(bytes[at]),
    0x3a,
    high(bytes[at + 1]),
    low(bytes[at + 1]),
    0x3a,
    high(bytes[at + 2]),
    low(bytes[at + 2]),
    0x3a,
    high(bytes[at + 3]),
    low(bytes[at + 3]),
    0x3a,
    high(bytes[at + 4]),
    low(bytes[at + 4]),
    0x3a,
    high(bytes[at + 5]),
    low(bytes[at + 5]),
  );
}

/** The bytes of hex digits, with or without a separator of one character that is not a digit. */
export function encodeHex(text: string): Uint8Array {
  const digits = text.match(/[0-9a-fA-F]{2}/g) ?? [];
  return Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16));
}
