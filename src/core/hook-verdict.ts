/**
 * Whether a file of a hook directory runs, judged by what lstat(2) says of it and of every directory on the way.
 * Nobody but those who may command the daemon may have a say in what it executes.
 */

/** What lstat(2) says of one path. */
export interface PathFact {
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
 * A path followed from `/`: each component once it is reached, symbolic links and what they lead over included; the
 * last is where the path ends. `code` is the errno's name where it does not end anywhere.
 */
export interface PathWalk {
  readonly components: readonly PathFact[];
  readonly failure?: { readonly path: string; readonly code: string };
}

/** One entry of a hook directory. */
export interface HookEntry {
  readonly name: string;
  /** Of the entry itself, not followed; absent where lstat failed with `code`. */
  readonly fact?: PathFact;
  readonly code?: string;
  /** Where a symbolic link leads; absent for anything else. */
  readonly target?: PathWalk;
}

/** Whom the daemon obeys, and as whom hooks run. */
export interface HookTrust {
  /** Who may own a hook: root, and the daemon's own user where it never was root. */
  readonly owners: readonly number[];
  /** Who may own a directory on the way. */
  readonly directoryOwners: readonly number[];
  /** Who executes: its user and groups. */
  readonly uid: number;
  readonly gids: readonly number[];
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
export type SkipCode = 'name' | 'leftover' | 'directory' | 'not-executable';

export interface Refusal {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  /** A sentence that names the path at fault. */
  readonly reason: string;
  /** What to do about it, mostly a command. */
  readonly remedy: string;
}

export type HookVerdict =
  | { readonly kind: 'runs' }
  /** A link to /dev/null: the operator has said that this name is not to run. */
  | { readonly kind: 'masked'; readonly reason: string }
  | { readonly kind: 'skipped'; readonly code: SkipCode; readonly reason: string; readonly remedy?: string }
  | Refusal;

const writableBits = 0o022;
const stickyBit = 0o1000;
const setidBits = 0o6000;
const executableBits = 0o111;

const validName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** What editors and package managers leave beside a file. */
const leftover =
  /~$|^#.*#$|\.(dpkg-[a-z-]+|ucf-[a-z-]+|rpm(new|save|orig)|pac(new|orig|save)|apk-new|sw[a-px]|bak|orig|rej)$/;

/** Whether a file of this name can be a hook at all. */
export function nameVerdict(name: string): HookVerdict {
  if (leftover.test(name)) {
    return {
      kind: 'skipped',
      code: 'leftover',
      reason: 'is what an editor or a package manager leaves behind',
    };
  }
  if (validName.test(name)) return { kind: 'runs' };
  const reason = 'has a name with other characters than A-Z a-z 0-9 . _ - or begins with a . _ or -';
  return { kind: 'skipped', code: 'name', reason };
}

/** Whether a hook directory can be believed; undefined where it can. `walk` ends at it. */
export function directoryRefusal(walk: PathWalk, trust: HookTrust): Refusal | undefined {
  const last = walk.components.at(-1);
  if (walk.failure !== undefined) return unreachable(walk.failure);
  if (last !== undefined && last.kind !== 'directory') {
    return refuse('not-regular', `${last.path} is not a directory`, `make ${last.path} a directory`);
  }
  return pathRefusal(walk.components, trust, last);
}

/** Whether one entry runs, in a directory that can be believed. */
export function entryVerdict(entry: HookEntry, trust: HookTrust): HookVerdict {
  const byName = nameVerdict(entry.name);
  if (byName.kind !== 'runs') return byName;
  const { fact, target } = entry;
  if (fact === undefined) return unreachable({ path: entry.name, code: entry.code ?? 'EIO' });
  if (fact.kind === 'symlink') return linkVerdict(fact, target, trust);
  return fileVerdict(fact, trust);
}

function linkVerdict(link: PathFact, target: PathWalk | undefined, trust: HookTrust): HookVerdict {
  const last = target?.components.at(-1);
  if (target === undefined || target.failure !== undefined || last === undefined) {
    const { path, code } = target?.failure ?? { path: link.path, code: 'ELOOP' };
    const reason = `${link.path} leads to ${path}, which cannot be reached (${code})`;
    return refuse('link-target', reason, `point ${link.path} to a file that is there, or remove it`);
  }
  if (last.path === '/dev/null') return { kind: 'masked', reason: 'is masked by a link to /dev/null' };
  if (!trust.owners.includes(link.uid)) return wrongOwner('owner', link, trust.owners);
  const onTheWay = pathRefusal(target.components.slice(0, -1), trust, undefined);
  return onTheWay ?? fileVerdict(last, trust);
}

function fileVerdict(file: PathFact, trust: HookTrust): HookVerdict {
  const { path, mode } = file;
  if (file.kind === 'directory') {
    return {
      kind: 'skipped',
      code: 'directory',
      reason: 'is a directory, and hooks are not looked for in it',
    };
  }
  if (file.kind !== 'file') return refuse('not-regular', `${path} is not a regular file`, `remove ${path}`);
  if ((mode & executableBits) === 0) {
    const reason = `is not executable (mode ${octal(mode)})`;
    return { kind: 'skipped', code: 'not-executable', reason, remedy: `chmod 0755 ${quote(path)}` };
  }
  return ownershipRefusal(file, trust) ?? permissionRefusal(file, trust) ?? { kind: 'runs' };
}

function ownershipRefusal(file: PathFact, trust: HookTrust): Refusal | undefined {
  const { path, mode, links } = file;
  if (!trust.owners.includes(file.uid)) return wrongOwner('owner', file, trust.owners);
  if ((mode & writableBits) !== 0) return writable('writable', file);
  if ((mode & setidBits) !== 0) {
    const reason = `${path} is setuid or setgid (mode ${octal(mode)}): hooks run without privileges`;
    return refuse('setuid', reason, `chmod ug-s ${quote(path)}`);
  }
  if (links === 1) return undefined;
  const reason = `${path} has ${links} names (hard links): who can change it cannot be told from its place`;
  return refuse('hard-links', reason, `cp --remove-destination a copy of it to ${quote(path)}`);
}

/** Whether the daemon's user may execute the file, and read it, which the interpreter of a script has to. */
function permissionRefusal(file: PathFact, { uid, gids }: HookTrust): Refusal | undefined {
  if (uid === 0) return undefined;
  const shift = uid === file.uid ? 6 : gids.includes(file.gid) ? 3 : 0;
  if (((file.mode >> shift) & 0o5) === 0o5) return undefined;
  const reason = `${file.path} cannot be read and executed by user ${uid}, who runs the hooks (mode ${octal(file.mode)})`;
  return refuse('not-permitted', reason, `chmod 0755 ${quote(file.path)}`);
}

/**
 * What is wrong on a way: everybody who can replace a component can replace what is below it. In a sticky directory of
 * root's nobody can replace what is not theirs; `listed`, whose entries we read, gets no such pardon.
 */
function pathRefusal(
  components: readonly PathFact[],
  trust: HookTrust,
  listed: PathFact | undefined,
): Refusal | undefined {
  for (const fact of components) {
    if (!trust.directoryOwners.includes(fact.uid)) return wrongOwner('path-owner', fact, trust.owners);
    if (fact.kind === 'symlink') continue;
    const pardoned = fact !== listed && (fact.mode & stickyBit) !== 0 && !isOwn(fact.uid, trust);
    if ((fact.mode & writableBits) !== 0 && !pardoned) return writable('path-writable', fact);
  }
  return undefined;
}

/** Whether a directory is the daemon's own and not root's. */
const isOwn = (uid: number, trust: HookTrust): boolean => uid !== 0 && uid === trust.uid;

function unreachable({ path, code }: { readonly path: string; readonly code: string }): Refusal {
  return refuse(
    'unreadable',
    `${path} cannot be examined (${code})`,
    `look at ${path} and the directories above it`,
  );
}

function wrongOwner(code: RefusalCode, { path, uid }: PathFact, owners: readonly number[]): Refusal {
  const allowed = owners.map((owner) => (owner === 0 ? 'root' : `user ${owner}`)).join(' or to ');
  return refuse(code, `${path} belongs to user ${uid}, not to ${allowed}`, `chown root:root ${quote(path)}`);
}

function writable(code: RefusalCode, { path, mode }: PathFact): Refusal {
  const who = (mode & 0o002) !== 0 ? 'everybody' : 'its group';
  const reason = `${path} can be written to by ${who} (mode ${octal(mode)})`;
  return refuse(code, reason, `chmod go-w ${quote(path)}`);
}

const refuse = (code: RefusalCode, reason: string, remedy: string): Refusal => ({
  kind: 'refused',
  code,
  reason,
  remedy,
});
const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
/** For a shell, where it needs to be. */
const quote = (path: string): string =>
  /^[A-Za-z0-9._/+@:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
