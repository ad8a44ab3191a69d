/** How `struct rtmsg` and `struct fib_rule_hdr` begin alike: the family, and the lengths of two prefixes of it. */
import { type Family, maxPrefixLength } from '../../core/model/address.ts';
import { familyOfNumber } from './ip.ts';
import { checkStruct, malformed, otherFamily, type Rejected } from './problem.ts';

/** The family of the struct at `offset`, of `size` bytes and of the name that problems tell. */
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
