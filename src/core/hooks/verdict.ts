/**
 * Whether a file of a hook directory runs, judged by what lstat(2) says of it and of every directory on the way.
 * Nobody but those who may command the daemon may have a say in what it executes.
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
  /** Of the entry itself, not followed; absent where lstat failed with `code`. */
  readonly fact?: PathStat;
  readonly code?: string;
  /** Where a symbolic link leads; absent for anything else. */
  readonly target?: PathWalk;
}

/** Whom the daemon obeys, and as whom hooks run. */
export interface HookTrust extends PathTrust {
  /** Of the user who executes. */
  readonly gids: readonly number[];
}

export type SkipCode = 'name' | 'leftover' | 'directory' | 'not-executable';

export type HookVerdict =
  | { readonly kind: 'runs' }
  /** A link to /dev/null: the operator has said that this name is not to run. */
  | { readonly kind: 'masked'; readonly reason: string }
  | { readonly kind: 'skipped'; readonly code: SkipCode; readonly reason: string; readonly remedy?: string }
  | PathRefusal;

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

/** Whether one entry runs, in a directory that can be believed. */
export function entryVerdict(entry: HookEntry, trust: HookTrust): HookVerdict {
  const byName = nameVerdict(entry.name);
  if (byName.kind !== 'runs') return byName;
  const { fact, target } = entry;
  if (fact === undefined) return unreadableRefusal({ path: entry.name, code: entry.code ?? 'EIO' });
  if (fact.kind === 'symlink') return linkVerdict(fact, target, trust);
  return fileVerdict(fact, trust);
}

function linkVerdict(link: PathStat, target: PathWalk | undefined, trust: HookTrust): HookVerdict {
  const last = target?.components.at(-1);
  if (target === undefined || target.failure !== undefined || last === undefined) {
    const { path, code } = target?.failure ?? { path: link.path, code: 'ELOOP' };
    const reason = `${link.path} leads to ${path}, which cannot be reached (${code})`;
    return refuse('link-target', reason, `point ${link.path} to a file that is there, or remove it`);
  }
  if (last.path === '/dev/null') return { kind: 'masked', reason: 'is masked by a link to /dev/null' };
  const onTheWay = ancestorRefusal(target.components.slice(0, -1), trust, undefined);
  return ownerRefusal(link, trust) ?? onTheWay ?? fileVerdict(last, trust);
}

function fileVerdict(file: PathStat, trust: HookTrust): HookVerdict {
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
    const reason = `is not executable (mode ${formatMode(mode)})`;
    return { kind: 'skipped', code: 'not-executable', reason, remedy: `chmod 0755 ${shellQuote(path)}` };
  }
  return ownershipRefusal(file, trust) ?? permissionRefusal(file, trust) ?? { kind: 'runs' };
}

function ownershipRefusal(file: PathStat, trust: HookTrust): PathRefusal | undefined {
  const { path, mode, links } = file;
  const ofSomebodyElse = ownerRefusal(file, trust);
  if (ofSomebodyElse !== undefined) return ofSomebodyElse;
  if (isWritable(file)) return writableRefusal('writable', file);
  if ((mode & setidBits) !== 0) {
    const reason = `${path} is setuid or setgid (mode ${formatMode(mode)}): hooks run without privileges`;
    return refuse('setuid', reason, `chmod ug-s ${shellQuote(path)}`);
  }
  if (links === 1) return undefined;
  const reason = `${path} has ${links} names (hard links): who can change it cannot be told from its place`;
  return refuse('hard-links', reason, `cp --remove-destination a copy of it to ${shellQuote(path)}`);
}

/**
 * Whether the daemon's user may execute the file, and read it, which the interpreter of a script has to. Root's scripts
 * too have no capability that would override its mode.
 */
function permissionRefusal(file: PathStat, { uid, gids }: HookTrust): PathRefusal | undefined {
  const shift = uid === file.uid ? 6 : gids.includes(file.gid) ? 3 : 0;
  if (((file.mode >> shift) & 0o5) === 0o5) return undefined;
  const reason = `${file.path} cannot be read and executed by user ${uid}, who runs the hooks (mode ${formatMode(file.mode)})`;
  return refuse('not-permitted', reason, `chmod 0755 ${shellQuote(file.path)}`);
}
