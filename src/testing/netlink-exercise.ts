/** Runs bytes through every parser of the netlink codec and checks what must be true for any bytes. */
import assert from 'node:assert/strict';
import { parseAddress } from '../wire/netlink/address.ts';
import { encodeAddressChange } from '../wire/netlink/address-request.ts';
import { StructSize } from '../wire/netlink/constants.ts';
import { parseDone, parseError } from '../wire/netlink/error.ts';
import { parseLink } from '../wire/netlink/link.ts';
import { type MessageHeader, parseMessages } from '../wire/netlink/message.ts';
import { parseRoute } from '../wire/netlink/route.ts';
import { encodeRouteChange } from '../wire/netlink/route-request.ts';
import { parseRule } from '../wire/netlink/rule.ts';
import { encodeRuleChange } from '../wire/netlink/rule-request.ts';

/** Counts of decoded and other objects: a run in which nothing decodes has tested little. */
export interface Tally {
  decoded: number;
  ignored: number;
  malformed: number;
}

type Result =
  | { readonly ok: true }
  | { readonly ok: false; readonly ignored: true }
  | { readonly ok: false; readonly ignored: false; readonly problem: { readonly offset: number } };

/**
 * Runs every message of a datagram through every parser, whatever its type. Throws where a parser throws,
 * where a problem lies outside the bytes, or where an object does not survive encoding and decoding.
 */
export function exerciseDatagram(bytes: Uint8Array, tally: Tally): void {
  const walked = parseMessages(bytes, 0, bytes.length, (header) => exerciseMessage(bytes, header, tally));
  count(walked, bytes, tally);
}

/** Runs the payload of one message through every parser. */
export function exerciseMessage(bytes: Uint8Array, header: MessageHeader, tally: Tally): void {
  const { offset, length } = header;
  count(parseLink(bytes, offset, length), bytes, tally);
  count(parseError(bytes, header), bytes, tally);
  count(parseDone(bytes, header), bytes, tally);
  const address = parseAddress(bytes, offset, length);
  count(address, bytes, tally);
  if (address.ok) checkReread(encodeAddressChange('replace', address.address, 1), rereadAddress);
  const route = parseRoute(bytes, offset, length);
  count(route, bytes, tally);
  if (route.ok) checkReread(encodeRouteChange('replace', route.route, 1), rereadRoute);
  const rule = parseRule(bytes, offset, length);
  count(rule, bytes, tally);
  if (rule.ok) checkReread(encodeRuleChange('add', rule.rule, 1), rereadRule);
}

function count(result: Result, bytes: Uint8Array, tally: Tally): void {
  if (result.ok) tally.decoded++;
  else if (result.ignored) tally.ignored++;
  else {
    tally.malformed++;
    const { offset } = result.problem;
    assert(offset >= 0 && offset <= bytes.length, `a problem at ${offset} of ${bytes.length} bytes`);
  }
}

type Reread = (bytes: Uint8Array) => { readonly value: unknown; readonly again: Uint8Array } | undefined;

/** An encoded object decodes to the same value, however often this is repeated. */
function checkReread(request: Uint8Array, reread: Reread): void {
  const first = reread(request);
  assert(first !== undefined, `unreadable request ${request.toHex()}`);
  const second = reread(first.again);
  assert.deepEqual(second?.value, first.value);
}

const payload = (bytes: Uint8Array): readonly [Uint8Array, number, number] => [
  bytes,
  StructSize.header,
  bytes.length - StructSize.header,
];

function rereadAddress(bytes: Uint8Array): ReturnType<Reread> {
  const result = parseAddress(...payload(bytes));
  return result.ok
    ? { value: result.address, again: encodeAddressChange('replace', result.address, 1) }
    : undefined;
}

function rereadRoute(bytes: Uint8Array): ReturnType<Reread> {
  const result = parseRoute(...payload(bytes));
  return result.ok
    ? { value: result.route, again: encodeRouteChange('replace', result.route, 1) }
    : undefined;
}

function rereadRule(bytes: Uint8Array): ReturnType<Reread> {
  const result = parseRule(...payload(bytes));
  return result.ok ? { value: result.rule, again: encodeRuleChange('add', result.rule, 1) } : undefined;
}
