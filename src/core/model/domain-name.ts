/**
 * Host names and domains from outside. Each `parse` returns the canonical form, or undefined; the caller
 * leaves an undefined value out and counts it.
 */
import { type ParsedValues, parseValues } from './parsed-values.ts';

/** RFC 1035 3.1: a name of at most 255 octets on the wire has at most 253 characters without its last dot. */
const maxDomainLength = 253;
/** `HOST_NAME_MAX` of linux/limits.h: sethostname(2) accepts no more bytes. */
export const maxHostNameLength = 64;

const hostLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
/** Like a host label, with `_` anywhere (RFC 8552: `_tcp`; names in use have it elsewhere too). */
const domainLabel = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/**
 * Parses a host name by RFC 1123 2.1: labels of letters, digits and inner hyphens, 1 to 63 each, 253
 * characters in all. Removes one final dot and keeps the case. Returns undefined for a dotted quad, which the
 * RFC checks first.
 */
export function parseHostName(text: string): string | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name.length > maxDomainLength) return undefined;
  const labels = name.split('.');
  if (!labels.every((label) => hostLabel.test(label) && isUnreservedLabel(label))) return undefined;
  return isNumeric(labels) ? undefined : name;
}

/**
 * Parses a domain; returns it in lower case without its final dot. `.` is the root. Letters beyond ASCII must
 * be A-labels (`xn--…`, RFC 5890 2.3.2.1).
 */
export function parseDomain(text: string): string | undefined {
  if (text === '.') return '.';
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  if (name.length > maxDomainLength) return undefined;
  const labels = name.split('.');
  if (!labels.every((label) => domainLabel.test(label) && isUnreservedLabel(label))) return undefined;
  return isNumeric(labels) ? undefined : name;
}

/** RFC 5891 4.2.3.1 reserves hyphens in the third and fourth place; only `xn--` has a meaning. */
function isUnreservedLabel(label: string): boolean {
  if (label.slice(2, 4) !== '--') return true;
  return label.length > 4 && label.slice(0, 2).toLowerCase() === 'xn';
}

/**
 * Whether the last label has only digits: an address in some spelling, not a top-level domain (RFC 3696 2).
 */
const isNumeric = (labels: readonly string[]): boolean =>
  /^\d+$/.test(labels.at(-1) ?? '') && labels.length > 1;

/** Parses a list of domains separated by white space or commas, as people and servers write it. */
export function parseDomainList(text: string): ParsedValues<string> {
  return parseValues(
    text.split(/[\s,]+/).filter((part) => part !== ''),
    parseDomain,
  );
}
