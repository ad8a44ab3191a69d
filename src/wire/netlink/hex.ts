/** Converts bytes to hex digits and back, mainly for hardware addresses. */

const hexBytes: readonly string[] = Array.from({ length: 256 }, (_, value) =>
  value.toString(16).padStart(2, '0'),
);

/** Formats `length` bytes as lower-case hex with `separator` between them. */
export function decodeHex(bytes: Uint8Array, offset: number, length: number, separator: string): string {
  if (length === 0) return '';
  let text = hexBytes[bytes[offset] as number] as string;
  for (let i = 1; i < length; i++) text += separator + (hexBytes[bytes[offset + i] as number] as string);
  return text;
}

/** Formats a hardware address: lower-case hex joined by colons, '' for none. */
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

/** Formats in one step: joining takes twice the time and leaves a chain of eleven strings in the state. */
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

/** Parses hex digits, with or without a one-character separator that is not a digit. */
export function encodeHex(text: string): Uint8Array {
  const digits = text.match(/[0-9a-fA-F]{2}/g) ?? [];
  return Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16));
}
