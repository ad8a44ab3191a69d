/**
 * Whether a path is trusted: whether only users who may command the daemon can change what it leads to,
 * judged by the lstat(2) result of every component.
 */

/** The lstat(2) result of one path. */
export interface PathStat {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'directory' | 'file' | 'symlink' | 'other';
  readonly uid: number;
  readonly gid: number;
  /** Permission bits with setuid, setgid and sticky: `st_mode & 07777`. */
  readonly mode: number;
  /** Number of hard links: `st_nlink`. */
  readonly links: number;
}

/**
 * A path resolved from `/`: each component in order, including symbolic links and the components of their
 * targets. The last one is the end of the path, unless the walk failed; then `code` is the name of the errno.
 */
export interface PathWalk {
  readonly components: readonly PathStat[];
  readonly failure?: { readonly path: string; readonly code: string };
}

/** The users that the daemon trusts. */
export interface PathTrust {
  /** Users that may own a file: root, and the daemon's own user if the daemon did not start as root. */
  readonly owners: readonly number[];
  /** Users that may own a directory of the path. */
  readonly directoryOwners: readonly number[];
  /** The daemon's user: the sticky bit of its own directory does not protect against that user. */
  readonly uid: number;
}

export type PathRefusalCode =
  | 'owner'
  | 'writable'
  | 'setuid'
  | 'hard-links'
  | 'not-regular'
  | 'not-permitted'
  | 'path-owner'
  | 'path-writable'
  | 'link-target'
  | 'unreadable';

/** Why a path is not trusted. */
export interface PathRefusal {
  readonly kind: 'refused';
  readonly code: PathRefusalCode;
  /** Names the path at fault. */
  readonly reason: string;
  /** The fix, usually a command. */
  readonly remedy: string;
  /** The errno of `unreadable`: one of the moment says nothing of the path. */
  readonly errno?: string;
}

const writableBits = 0o022;
const otherWritableBit = 0o002;
const stickyBit = 0o1000;

/** Returns why the directory at the end of `walk` is not trusted; undefined if it is. */
export function directoryRefusal(walk: PathWalk, trust: PathTrust): PathRefusal | undefined {
  const last = walk.components.at(-1);
  if (walk.failure !== undefined) return unreadableRefusal(walk.failure);
  if (last !== undefined && last.kind !== 'directory') {
    return refuse('not-regular', `${last.path} is not a directory`, `make ${last.path} a directory`);
  }
  return ancestorRefusal(walk.components, trust, last);
}

/**
 * Returns why a regular file is not trusted. Returns undefined if it is trusted, and if it does not exist and
 * no other user can create it. Does not judge a file that lstat(2) cannot examine: opening it fails with the
 * same error.
 */
export function fileRefusal({ components, failure }: PathWalk, trust: PathTrust): PathRefusal | undefined {
  const last = components.at(-1);
  if (failure !== undefined) return ancestorRefusal(components, trust, last);
  const above = ancestorRefusal(components.slice(0, -1), trust, undefined);
  if (above !== undefined || last === undefined || last.kind !== 'file') return above;
  return ownerRefusal(last, trust) ?? (isWritable(last) ? writableRefusal('writable', last) : undefined);
}

/** How strictly `openFileRefusal` judges. */
export interface OpenFileRule {
  /** User ids that may own the file; undefined: any. */
  readonly owners?: readonly number[];
  /** Whether its group may write to it. */
  readonly mayGroupWrite: boolean;
}

/**
 * Why a file that is open already must not be used; undefined where it may. Judges the file alone, not the
 * path to it: its type, its owner, and who can write to it.
 */
export function openFileRefusal(
  file: Pick<PathStat, 'path' | 'kind' | 'uid' | 'mode'>,
  { owners, mayGroupWrite }: OpenFileRule,
): PathRefusal | undefined {
  if (file.kind !== 'file') {
    return refuse('not-regular', `${file.path} is not a regular file`, `replace ${file.path} by a file`);
  }
  if (owners !== undefined && !owners.includes(file.uid)) return wrongOwner('owner', file, owners);
  const bits = mayGroupWrite ? otherWritableBit : writableBits;
  return (file.mode & bits) === 0 ? undefined : writableRefusal('writable', file);
}

/** Returns why the owner of a file or symbolic link is not trusted; undefined if it is. */
export function ownerRefusal(stat: PathStat, { owners }: PathTrust): PathRefusal | undefined {
  return owners.includes(stat.uid) ? undefined : wrongOwner('owner', stat, owners);
}

/** Whether its group or others can write to it. */
export const isWritable = ({ mode }: PathStat): boolean => (mode & writableBits) !== 0;

/**
 * Returns why a component is not trusted: a user who can replace a component can replace everything below it.
 * In a sticky directory of root users can replace only their own entries, so it is trusted, except as
 * `listed`, the directory whose entries the caller reads.
 */
export function ancestorRefusal(
  components: readonly PathStat[],
  trust: PathTrust,
  listed: PathStat | undefined,
): PathRefusal | undefined {
  for (const stat of components) {
    if (!trust.directoryOwners.includes(stat.uid)) return wrongOwner('path-owner', stat, trust.owners);
    if (stat.kind === 'symlink') continue;
    const isProtected = stat !== listed && (stat.mode & stickyBit) !== 0 && !isOwn(stat.uid, trust);
    if (isWritable(stat) && !isProtected) return writableRefusal('path-writable', stat);
  }
  return undefined;
}

/** Whether a directory belongs to the daemon's user and that user is not root. */
const isOwn = (uid: number, trust: PathTrust): boolean => uid !== 0 && uid === trust.uid;

/** Refuses a path that lstat(2) cannot examine. */
export function unreadableRefusal({
  path,
  code,
}: {
  readonly path: string;
  readonly code: string;
}): PathRefusal {
  const refusal = refuse(
    'unreadable',
    `${path} cannot be examined (${code})`,
    `look at ${path} and the directories above it`,
  );
  return { ...refusal, errno: code };
}

function wrongOwner(
  code: PathRefusalCode,
  { path, uid }: Pick<PathStat, 'path' | 'uid'>,
  owners: readonly number[],
): PathRefusal {
  const allowed = owners.map((owner) => (owner === 0 ? 'root' : `user ${owner}`)).join(' or to ');
  return refuse(
    code,
    `${path} belongs to user ${uid}, not to ${allowed}`,
    `chown root:root ${shellQuote(path)}`,
  );
}

/** Refuses a file or directory that `isWritable`. */
export function writableRefusal(
  code: PathRefusalCode,
  { path, mode }: Pick<PathStat, 'path' | 'mode'>,
): PathRefusal {
  const who = (mode & 0o002) !== 0 ? 'everyone' : 'its group';
  const reason = `${path} can be written to by ${who} (mode ${formatMode(mode)})`;
  return refuse(code, reason, `chmod go-w ${shellQuote(path)}`);
}

/** `remedy` is a command or a short instruction. */
export const refuse = (code: PathRefusalCode, reason: string, remedy: string): PathRefusal => ({
  kind: 'refused',
  code,
  reason,
  remedy,
});
/** Formats a mode for chmod(1). */
export const formatMode = (mode: number): string => mode.toString(8).padStart(4, '0');
/** Quotes a path for a shell if necessary. */
export const shellQuote = (path: string): string =>
  /^[A-Za-z0-9._/+@:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
