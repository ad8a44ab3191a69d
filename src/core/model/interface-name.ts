/** Names of links: which ones the kernel accepts, and which ones hooks, bus calls and log lines may show. */

/** `IFNAMSIZ` of linux/if.h, without the NUL. */
const maxInterfaceBytes = 15;

/**
 * Whether the kernel accepts `text` as the name of a link (`dev_valid_name`, net/core/dev.c): 1 to 15 bytes,
 * not `.` or `..`, without `/`, `:` and white space. The kernel's white space is that of Latin-1: a byte 0xa0
 * within a UTF-8 sequence counts too.
 */
export function isKernelInterfaceName(text: string): boolean {
  if (text === '' || text === '.' || text === '..' || /\p{Cs}/u.test(text)) return false;
  const bytes = utf8(text);
  return (
    bytes.length <= maxInterfaceBytes &&
    bytes.every((byte) => byte !== 0 && byte !== 0x2f && byte !== 0x3a && !isKernelSpace(byte))
  );
}

const isKernelSpace = (byte: number): boolean =>
  byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0xa0;

/**
 * Whether hooks may see a link of this name: one that the kernel accepts, without control characters, and
 * without placeholders for bytes that are not UTF-8 (`\xff` in wire/netlink/text.ts, U+FFFD elsewhere),
 * because the shown text would be the name of another link.
 */
export function isInterfaceName(text: string): boolean {
  return isKernelInterfaceName(text) && !/[\p{Cc}\ufffd]|\\x[0-9a-f]{2}/u.test(text);
}

/** Bytes of well-formed text. */
function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code));
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code));
  }
  return bytes;
}

const tail = (bits: number): number => 0x80 | (bits & 0x3f);
