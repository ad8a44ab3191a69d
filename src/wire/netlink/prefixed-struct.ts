/**
 * The common start of `struct rtmsg` and `struct fib_rule_hdr`: the family and the lengths of two prefixes.
 */
import { type Family, maxPrefixLength } from '../../core/model/address.ts';
import { familyOfNumber } from './ip.ts';
import { checkStruct, malformed, otherFamily, type Rejected } from './problem.ts';

/** Reads the family of the struct at `offset` with `size` bytes; `name` appears in problems. */
export function readPrefixedFamily(
  bytes: Uint8Array,
  offset: number,
  length: number,
  size: number,
  name: string,
): Family | Rejected {
  const short = checkStruct(bytes, offset, length, size, name);
  if (short !== undefined) return short;
  const family = familyOfNumber(bytes[offset] as number);
  if (family === undefined) return otherFamily;
  const most = maxPrefixLength(family);
  if ((bytes[offset + 1] as number) > most || (bytes[offset + 2] as number) > most) {
    return malformed('value-range', offset + 1, `prefix lengths up to ${most}`);
  }
  return family;
}
