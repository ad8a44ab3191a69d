/**
 * Whether a path can be believed: whether nobody but those who may command the daemon has a say in what it
 * leads to, judged by what lstat(2) says of every component.
 */

/** What lstat(2) says of one path. */
export interface PathStat {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'directory' | 'file' | 'symlink' | 'other';
  readonly uid: number;
  readonly gid: number;
  /** Permission bits with setuid, setgid and sticky: `st_mode & 07777`. */
  readonly mode: number;
  /** Names that the file has: `st_nlink`. */
  readonly links: number;
}

/**
 * A path followed from `/`: each component once it is reached, symbolic links and what they lead over
 * included; the last is where the path ends. `code` is the errno's name where it does not end anywhere.
 */
export interface PathWalk {
  readonly components: readonly PathStat[];
  readonly failure?: { readonly path: string; readonly code: string };
}

/** Whom the daemon obeys. */
export interface PathTrust {
  /** Who may own a file: root, and the daemon's own user where it never was root. */
  readonly owners: readonly number[];
  /** Who may own a directory on the way. */
  readonly directoryOwners: readonly number[];
  /** The daemon's user: in a directory of theirs a sticky bit keeps nobody out who is them. */
  readonly uid: number;
}

export type RefusalCode =
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

export interface Refusal {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  /** A sentence that names the path at fault. */
  readonly reason: string;
  /** What to do about it, mostly a command. */
  readonly remedy: string;
}

const writableBits = 0o022;
const otherWritableBit = 0o002;
const stickyBit = 0o1000;

/** Whether a directory can be believed; undefined where it can. `walk` ends at it. */
export function directoryRefusal(walk: PathWalk, trust: PathTrust): Refusal | undefined {
  const last = walk.components.at(-1);
  if (walk.failure !== undefined) return unreachable(walk.failure);
  if (last !== undefined && last.kind !== 'directory') {
    return refuse('not-regular', `${last.path} is not a directory`, `make ${last.path} a directory`);
  }
  return wayRefusal(walk.components, trust, last);
}

/**
 * Whether a regular file can be believed; undefined where it can, and where there is none and nobody else can
 * make one. What cannot be examined is not judged: opening it will tell.
 */
export function fileRefusal({ components, failure }: PathWalk, trust: PathTrust): Refusal | undefined {
  const last = components.at(-1);
  if (failure !== undefined) return wayRefusal(components, trust, last);
  const onTheWay = wayRefusal(components.slice(0, -1), trust, undefined);
  if (onTheWay !== undefined || last === undefined || last.kind !== 'file') return onTheWay;
  return ownerRefusal(last, trust) ?? (isWritable(last) ? writable('writable', last) : undefined);
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
): Refusal | undefined {
  if (file.kind !== 'file') {
    return refuse('not-regular', `${file.path} is not a regular file`, `replace ${file.path} by a file`);
  }
  if (owners !== undefined && !owners.includes(file.uid)) return wrongOwner('owner', file, owners);
  const bits = mayGroupWrite ? otherWritableBit : writableBits;
  return (file.mode & bits) === 0 ? undefined : writable('writable', file);
}

/** Whether a file, or a link, belongs to one who may command. */
export function ownerRefusal(fact: PathStat, { owners }: PathTrust): Refusal | undefined {
  return owners.includes(fact.uid) ? undefined : wrongOwner('owner', fact, owners);
}

/** Whether group or others can write to it. */
export const isWritable = ({ mode }: PathStat): boolean => (mode & writableBits) !== 0;

/**
 * What is wrong on a way: everybody who can replace a component can replace what is below it. In a sticky
 * directory of root's nobody can replace what is not theirs; `listed`, whose entries we read, gets no such
 * pardon.
 */
export function wayRefusal(
  components: readonly PathStat[],
  trust: PathTrust,
  listed: PathStat | undefined,
): Refusal | undefined {
  for (const fact of components) {
    if (!trust.directoryOwners.includes(fact.uid)) return wrongOwner('path-owner', fact, trust.owners);
    if (fact.kind === 'symlink') continue;
    const pardoned = fact !== listed && (fact.mode & stickyBit) !== 0 && !isOwn(fact.uid, trust);
    if (isWritable(fact) && !pardoned) return writable('path-writable', fact);
  }
  return undefined;
}

/** Whether a directory is the daemon's own and not root's. */
const isOwn = (uid: number, trust: PathTrust): boolean => uid !== 0 && uid === trust.uid;

/** What cannot be examined cannot be believed. */
export function unreachable({ path, code }: { readonly path: string; readonly code: string }): Refusal {
  return refuse(
    'unreadable',
    `${path} cannot be examined (${code})`,
    `look at ${path} and the directories above it`,
  );
}

function wrongOwner(
  code: RefusalCode,
  { path, uid }: Pick<PathStat, 'path' | 'uid'>,
  owners: readonly number[],
): Refusal {
  const allowed = owners.map((owner) => (owner === 0 ? 'root' : `user ${owner}`)).join(' or to ');
  return refuse(code, `${path} belongs to user ${uid}, not to ${allowed}`, `chown root:root ${quote(path)}`);
}

/** For one that `isWritable`. */
export function writable(code: RefusalCode, { path, mode }: Pick<PathStat, 'path' | 'mode'>): Refusal {
  const who = (mode & 0o002) !== 0 ? 'everybody' : 'its group';
  const reason = `${path} can be written to by ${who} (mode ${octal(mode)})`;
  return refuse(code, reason, `chmod go-w ${quote(path)}`);
}

/** `remedy` is a command, or what to do in words. */
export const refuse = (code: RefusalCode, reason: string, remedy: string): Refusal => ({
  kind: 'refused',
  code,
  reason,
  remedy,
});
/** A mode as chmod(1) takes it. */
export const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
/** For a shell, where it needs to be. */
export const quote = (path: string): string =>
  /^[A-Za-z0-9._/+@:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
