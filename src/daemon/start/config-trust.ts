/** Whether the daemon may obey the configuration file: at the start, and at every reload. */
import { readFileSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ParseContext, type ParsedConfig, readConfig } from '../../config/index.ts';
import {
  fileRefusal,
  openFileRefusal,
  type PathRefusal,
  type PathTrust,
} from '../../core/model/path-trust.ts';
import { attempt, pathStatOf, walk } from '../../platform/trust/path-walk.ts';
import { hookTrust, ownIdentity } from '../../platform/trust/trusted-owners.ts';

/** Who may own and change the configuration; undefined: the daemon has no more rights than who started it. */
export type ConfigTrust = PathTrust | undefined;

/**
 * To be asked before privileges are given up. The configuration names the user that hooks run as and the links whose routing
 * changes, so it must be as hard to change as the daemon's rights are to get: root, or one with capabilities, obeys root and, where it
 * is not root, itself. Anybody else chooses for themselves whom they obey.
 */
export function configTrust(status: string = readFileSync('/proc/self/status', 'utf8')): ConfigTrust {
  const identity = ownIdentity();
  if (identity.uid !== 0 && !hasCapabilities(status)) return undefined;
  const trust = hookTrust(identity);
  // In a user namespace that does not map the machine's root, root's files appear to belong to the overflow user.
  return { ...trust, owners: trust.directoryOwners };
}

/** Whether the permitted set (proc(5), `CapPrm`) has anything in it. */
export const hasCapabilities = (status: string): boolean => /^CapPrm:\s*0*[1-9a-f]/m.test(status);

export interface TrustedFile {
  readonly parsed: ParsedConfig;
  /** The file that was read, as it was before; absent where none could be opened. */
  readonly opened?: Stats;
  /** Why the file must not be obeyed, whatever it says; absent where it may. */
  readonly refusal?: PathRefusal;
}

/** Reads the configuration and judges the very file that was read, and the way to it. Never throws. */
export function readTrusted(context: ParseContext, trust: ConfigTrust): TrustedFile {
  let opened: Stats | undefined;
  const parsed = readConfig(context, (stats) => {
    opened = stats;
  });
  const refusal = trust === undefined ? undefined : configRefusal(resolve(context.file), opened, trust);
  return { parsed, ...(opened !== undefined && { opened }), ...(refusal !== undefined && { refusal }) };
}

function configRefusal(path: string, opened: Stats | undefined, trust: PathTrust): PathRefusal | undefined {
  const onTheWay = fileRefusal(walk(path), trust);
  if (onTheWay !== undefined || opened === undefined || !opened.isFile()) return onTheWay;
  const own = openFileRefusal(pathStatOf(path, opened), { owners: trust.owners, mayGroupWrite: false });
  if (own !== undefined) return own;
  const now = attempt(() => statSync(path));
  if (now.value?.dev === opened.dev && now.value.ino === opened.ino) return undefined;
  return {
    kind: 'refused',
    code: 'unreadable',
    reason: `${path} was exchanged while it was read`,
    remedy: 'reload again',
  };
}
