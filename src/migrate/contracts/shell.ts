/** Snippets of sh(1) that several wrappers need. */
import type { ShellFunction } from '../contract.ts';

/** sh(1): sets `$four` and `$six` to the IPv4 and IPv6 addresses among its arguments. */
export const splitFamilies: ShellFunction = [
  'split() {',
  '  four= six=',
  '  for word in "$@"; do',
  '    case $word in',
  '      *:*) six="$six${six:+ }$word" ;;',
  '      *) four="$four${four:+ }$word" ;;',
  '    esac',
  '  done',
  '}',
];

/** Not at the start of netevd: the old programs ran such scripts for changes only. */
export const notAtStart: readonly string[] = ['[ "$NETEVD_INITIAL" != 1 ] || exit 0'];
