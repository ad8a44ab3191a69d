/**
 * Whether a file of a hook directory runs, judged by the lstat(2) results of the file and of every directory
 * above it. Only users who may command the daemon may decide what it executes.
 */
import {
  ancestorRefusal,
  formatMode,
  isWritable,
  ownerRefusal,
  type PathRefusal,
  type PathStat,
  type PathTrust,
  type PathWalk,
  refuse,
  shellQuote,
  unreadableRefusal,
  writableRefusal,
} from '../model/path-trust.ts';

/** One entry of a hook directory. */
export interface HookEntry {
  readonly name: string;
  /** Of the entry itself, without following a link; absent if lstat failed with `code`. */
  readonly stat?: PathStat;
  readonly code?: string;
  /** The target of a symbolic link; absent for anything else. */
  readonly target?: PathWalk;
}

/** The users that the daemon trusts, and the user that runs the hooks. */
export interface HookTrust extends PathTrust {
  /** Groups of the user that runs the hooks. */
  readonly gids: readonly number[];
}

export type SkipCode = 'name' | 'leftover' | 'directory' | 'not-executable';

export type HookVerdict =
  | { readonly kind: 'runs' }
  /** A link to /dev/null: the operator disabled this name. */
  | { readonly kind: 'masked'; readonly reason: string }
  | { readonly kind: 'skipped'; readonly code: SkipCode; readonly reason: string; readonly remedy?: string }
  | PathRefusal;

const setidBits = 0o6000;
const executableBits = 0o111;

const validName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Names of files that editors and package managers leave beside a file. */
const leftover =
  /~$|^#.*#$|\.(dpkg-[a-z-]+|ucf-[a-z-]+|rpm(new|save|orig)|pac(new|orig|save)|apk-new|sw[a-px]|bak|orig|rej)$/;

/** Judges a file by its name. */
export function nameVerdict(name: string): HookVerdict {
  if (leftover.test(name)) {
    return {
      kind: 'skipped',
      code: 'leftover',
      reason: 'is a leftover of an editor or a package manager',
    };
  }
  if (validName.test(name)) return { kind: 'runs' };
  const reason = 'has a name with characters other than A-Z a-z 0-9 . _ - or that starts with . _ or -';
  return { kind: 'skipped', code: 'name', reason };
}

/** Judges an entry of a trusted directory. */
export function entryVerdict(entry: HookEntry, trust: HookTrust): HookVerdict {
  const byName = nameVerdict(entry.name);
  if (byName.kind !== 'runs') return byName;
  const { stat, target } = entry;
  if (stat === undefined) return unreadableRefusal({ path: entry.name, code: entry.code ?? 'EIO' });
  if (stat.kind === 'symlink') return linkVerdict(stat, target, trust);
  return fileVerdict(stat, trust);
}

function linkVerdict(link: PathStat, target: PathWalk | undefined, trust: HookTrust): HookVerdict {
  const last = target?.components.at(-1);
  if (target === undefined || target.failure !== undefined || last === undefined) {
    const { path, code } = target?.failure ?? { path: link.path, code: 'ELOOP' };
    const reason = `${link.path} leads to ${path}, which cannot be reached (${code})`;
    return refuse('link-target', reason, `point ${link.path} to an existing file, or remove it`);
  }
  if (last.path === '/dev/null') return { kind: 'masked', reason: 'is masked by a link to /dev/null' };
  const above = ancestorRefusal(target.components.slice(0, -1), trust, undefined);
  return ownerRefusal(link, trust) ?? above ?? fileVerdict(last, trust);
}

function fileVerdict(file: PathStat, trust: HookTrust): HookVerdict {
  const { path, mode } = file;
  if (file.kind === 'directory') {
    return {
      kind: 'skipped',
      code: 'directory',
      reason: 'is a directory; netevd does not search it for hooks',
    };
  }
  if (file.kind !== 'file') return refuse('not-regular', `${path} is not a regular file`, `remove ${path}`);
  if ((mode & executableBits) === 0) {
    const reason = `is not executable (mode ${formatMode(mode)})`;
    return { kind: 'skipped', code: 'not-executable', reason, remedy: `chmod 0755 ${shellQuote(path)}` };
  }
  return ownershipRefusal(file, trust) ?? permissionRefusal(file, trust) ?? { kind: 'runs' };
}

function ownershipRefusal(file: PathStat, trust: HookTrust): PathRefusal | undefined {
  const { path, mode, links } = file;
  const wrongOwner = ownerRefusal(file, trust);
  if (wrongOwner !== undefined) return wrongOwner;
  if (isWritable(file)) return writableRefusal('writable', file);
  if ((mode & setidBits) !== 0) {
    const reason = `${path} is setuid or setgid (mode ${formatMode(mode)}): hooks run without privileges`;
    return refuse('setuid', reason, `chmod ug-s ${shellQuote(path)}`);
  }
  if (links === 1) return undefined;
  const reason = `${path} has ${links} hard links: its path does not show who can change it`;
  return refuse('hard-links', reason, `cp --remove-destination a copy of it to ${shellQuote(path)}`);
}

/**
 * Returns a refusal unless the hooks' user may execute the file and read it, which the interpreter of a
 * script must. Hooks that run as root have no capability that overrides the mode either.
 */
function permissionRefusal(file: PathStat, { uid, gids }: HookTrust): PathRefusal | undefined {
  const shift = uid === file.uid ? 6 : gids.includes(file.gid) ? 3 : 0;
  if (((file.mode >> shift) & 0o5) === 0o5) return undefined;
  const mode = formatMode(file.mode);
  const reason = `${file.path} cannot be read and executed by user ${uid}, who runs the hooks (mode ${mode})`;
  return refuse('not-permitted', reason, `chmod 0755 ${shellQuote(file.path)}`);
}
