/** Which files are believed: what a lease says decides where names are looked up and what the machine is called. */
import type { FileStat } from '../../ports/watched-files.ts';

/** Why the file is not read, with the remedy; undefined where it is. `owners` are the user ids that may own it. */
export function refusal({ isRegular, uid, mode }: FileStat, owners: readonly number[]): string | undefined {
  if (!isRegular) return 'it is no regular file';
  if (!owners.includes(uid)) return `it belongs to user ${uid}: chown root it, if it can be trusted`;
  if ((mode & 0o002) !== 0) return 'everybody may write to it: chmod o-w it, if it can be trusted';
  return undefined;
}
