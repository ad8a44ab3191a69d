/** Whether a hook may run with privileges, looked at as it is at this moment: by the runner itself, as root. Reads alone. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { maxPrivilegesSize, parsePrivileges } from '../config/privileges/parse-privileges.ts';
import type { HookOutcome } from '../core/hooks/hook-run.ts';
import { type HookPrivileges, privilegesPath } from '../core/hooks/privileges.ts';
import type { HookDirectory } from '../core/model/event-table.ts';
import { fileRefusal, type PathTrust, shellQuote } from '../core/model/path-trust.ts';
import { checkHook, directoryPath } from '../effects/hooks/inspect.ts';
import type { NativeUser } from '../platform/native.ts';
import { attempt, walk } from '../platform/trust/path-walk.ts';

export interface NamedUser extends NativeUser {
  readonly name: string;
}

export interface Granted {
  readonly path: string;
  readonly privileges: HookPrivileges;
  readonly user: NamedUser;
}

export type Judgement =
  | ({ readonly kind: 'granted' } & Granted)
  /** Not to run, with the outcome to report. */
  | { readonly kind: 'refused'; readonly outcome: HookOutcome };

export interface JudgeSettings {
  /** Where the `*.d` directories are: from root's own configuration. */
  readonly base: string;
  /** `system.user` */
  readonly user: string;
  lookupUser(name: string): NativeUser | null;
}

/** Root alone: the daemon's user is one of those that the runner guards against. */
export const rootAlone: PathTrust = { owners: [0], directoryOwners: [0], uid: 0 };

export function judgeHook(directory: HookDirectory, name: string, settings: JudgeSettings): Judgement {
  const { base } = settings;
  // systemd splits and expands what is not one of these.
  if (!/^\/[A-Za-z0-9._/@:+,=-]*$/.test(base))
    return refuse(`${base} has characters that systemd would expand`, 'rename it');
  const file = privilegesPath(base, directory, name);
  const granted = readPrivileges(file);
  if (!granted.ok) return granted.judgement;
  const userName = granted.privileges.user ?? settings.user;
  const user = settings.lookupUser(userName);
  if (user === null)
    return refuse(`${file} names user ${userName}, who does not exist`, `correct ${shellQuote(file)}`);
  const gids = [user.gid, ...user.groups];
  const verdict = checkHook(base, directory, name, { ...rootAlone, uid: user.uid, gids });
  if (verdict.kind === 'refused') return { kind: 'refused', outcome: verdict };
  const path = `${directoryPath(base, directory)}/${name}`;
  if (verdict.kind !== 'runs') return refuse(`${path} ${verdict.reason}`, 'none: it is not a hook now');
  const home = homeOf(user, settings.lookupUser(settings.user));
  return { kind: 'granted', path, privileges: granted.privileges, user: { ...user, name: userName, home } };
}

/**
 * `HOME` of a hook. Programs run what lies there: Python its user site, others what their settings name. Whatever is in the
 * home of the daemon's user was put there without privileges, so that a hook which runs as that user with capabilities has
 * `/`, where root alone can write.
 */
export const homeOf = (user: NativeUser, daemon: NativeUser | null): string =>
  user.uid === daemon?.uid && user.uid !== 0 ? '/' : user.home;

type Read =
  | { readonly ok: true; readonly privileges: HookPrivileges }
  | { readonly ok: false; readonly judgement: Judgement };

function readPrivileges(file: string): Read {
  const refusal = fileRefusal(walk(file), rootAlone);
  if (refusal !== undefined) return { ok: false, judgement: { kind: 'refused', outcome: refusal } };
  const bytes = attempt(() => readBounded(file));
  if (bytes.value === undefined) {
    const reason = `${file} cannot be read (${bytes.code}): root has granted nothing to this hook`;
    return { ok: false, judgement: refuse(reason, `write ${shellQuote(file)}`) };
  }
  if (bytes.value === 'unfit') {
    const reason = `${file} is not a regular file of at most ${maxPrivilegesSize} bytes`;
    return { ok: false, judgement: refuse(reason, `rewrite ${shellQuote(file)}`) };
  }
  const parsed = parsePrivileges(bytes.value, file);
  if (parsed.ok) return parsed;
  return {
    ok: false,
    judgement: refuse(`${file}: ${parsed.problems.join('; ')}`, `correct ${shellQuote(file)}`),
  };
}

/** Its owner and mode are judged again on the open file: what is read is what was judged. */
function readBounded(file: string): Uint8Array | 'unfit' {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.uid !== 0 || (stats.mode & 0o022) !== 0) return 'unfit';
    const buffer = new Uint8Array(maxPrivilegesSize + 1);
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, buffer, length, buffer.length - length, null);
      if (count === 0) return buffer.slice(0, length);
      length += count;
      if (length > maxPrivilegesSize) return 'unfit';
    }
  } finally {
    closeSync(descriptor);
  }
}

const refuse = (reason: string, remedy: string): Judgement => ({
  kind: 'refused',
  outcome: { kind: 'refused', code: 'privileges', reason, remedy },
});
