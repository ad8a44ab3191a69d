/**
 * Names from outside, checked by their own rules before they reach a hook's environment, a bus call or a log line.
 * Each `parse` gives the canonical form, or undefined; what is undefined is left out, and counted by the caller.
 */

/** `IFNAMSIZ` of linux/if.h, without the NUL. */
const maxInterfaceBytes = 15;

/**
 * Whether the kernel would take this as the name of a link (`dev_valid_name`, net/core/dev.c): 1 to 15 bytes, not `.`
 * or `..`, none of them `/`, `:` or white space. Its white space is that of Latin-1, so that a byte 0xa0 within a
 * UTF-8 sequence counts too.
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
 * Whether a link of this name may be shown to hooks: what the kernel takes, without control characters, and without
 * what stands for bytes that were no UTF-8 (`\xff` in wire/netlink/text.ts, U+FFFD elsewhere): as it is shown it would be
 * the name of another link.
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

/** RFC 1035 3.1: a name of at most 255 octets on the wire has at most 253 characters without its last dot. */
const maxDomainLength = 253;
/** `HOST_NAME_MAX` of linux/limits.h: more than that the kernel does not take from sethostname(2). */
export const maxHostNameLength = 64;

const hostLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
/** As in host names, but `_` may stand anywhere (RFC 8552: `_tcp`, and names that people do use). */
const domainLabel = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/**
 * A host name by RFC 1123 2.1: labels of letters, digits and inner hyphens, 1 to 63 each, 253 in all; one final dot is
 * taken off, case is kept. Not a dotted quad, which the RFC has one look for first.
 */
export function parseHostName(text: string): string | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name.length > maxDomainLength) return undefined;
  const labels = name.split('.');
  if (!labels.every((label) => hostLabel.test(label) && isReasonableLabel(label))) return undefined;
  return isNumeric(labels) ? undefined : name;
}

/**
 * A domain in lower case without its final dot; `.` is the root. Letters beyond ASCII have to come as A-labels
 * (`xn--…`, RFC 5890 2.3.2.1).
 */
export function parseDomain(text: string): string | undefined {
  if (text === '.') return '.';
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  if (name.length > maxDomainLength) return undefined;
  const labels = name.split('.');
  if (!labels.every((label) => domainLabel.test(label) && isReasonableLabel(label))) return undefined;
  return isNumeric(labels) ? undefined : name;
}

/** RFC 5891 4.2.3.1: hyphens in the third and fourth place are reserved, and of these only `xn--` has a meaning. */
function isReasonableLabel(label: string): boolean {
  if (label.slice(2, 4) !== '--') return true;
  return label.length > 4 && label.slice(0, 2).toLowerCase() === 'xn';
}

/** Digits alone in the last label: an address in one of its many spellings, and no top-level domain (RFC 3696 2). */
const isNumeric = (labels: readonly string[]): boolean =>
  /^\d+$/.test(labels.at(-1) ?? '') && labels.length > 1;

/** What of a list is valid, in order and once each, and how many were not. */
export interface Kept<T> {
  readonly kept: readonly T[];
  readonly rejected: number;
}

/** `parse` of each text; equal results count once. */
export function keepValid<T>(texts: readonly string[], parse: (text: string) => T | undefined): Kept<T> {
  const kept = new Set<T>();
  let rejected = 0;
  for (const text of texts) {
    const value = parse(text);
    if (value === undefined) rejected++;
    else kept.add(value);
  }
  return { kept: [...kept], rejected };
}

/** A list of domains as people and servers write it: separated by white space or commas. */
export function parseDomainList(text: string): Kept<string> {
  return keepValid(
    text.split(/[\s,]+/).filter((part) => part !== ''),
    parseDomain,
  );
}
