/** Writes the files of a migration. Nothing is ever overwritten, and nothing is half written. */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { directoryRefusal } from '../../core/model/path-trust.ts';
import type { MigrationProblem, PlannedFile } from '../../migrate/plan.ts';
import type { Write } from '../../migrate/reconcile.ts';
import { walk } from '../../platform/trust/path-walk.ts';
import { hookTrust, ownIdentity } from '../../platform/trust/trusted-owners.ts';
import { errnoOf, kindOfPath } from './migrate-files.ts';

/** A file of the plan with what became of it: `new` is what a dry run would write. */
export interface FileOutcome extends Omit<Write, 'state'> {
  readonly state: Write['state'] | 'written' | 'failed';
}

/**
 * Refuses a file whose directory, or one above it, others than root can change: root would write where they like, and
 * netevd would not run the hook.
 */
export function checkPlace(write: Write): Write {
  if (write.state !== 'new') return write;
  let folder = dirname(write.path);
  while (kindOfPath(folder) === 'absent' && folder !== '/') folder = dirname(folder);
  const refusal = directoryRefusal(walk(folder), hookTrust(ownIdentity()));
  if (refusal === undefined) return write;
  const { reason: text, remedy } = refusal;
  return {
    ...write,
    state: 'refused',
    problem: { code: 'NETEVD_MIGRATE_TARGET', file: folder, line: 0, text, remedy },
  };
}

/**
 * Writes the files of one script, or a configuration: none of them where one is refused, and none after one that fails, so
 * that no wrapper is there without the script that it calls.
 */
export function applyWrites(writes: readonly Write[]): readonly FileOutcome[] {
  const isBlocked = writes.some(({ state }) => state === 'refused');
  let hasFailed = false;
  return writes.map((write): FileOutcome => {
    if (write.state !== 'new') return write;
    if (isBlocked || hasFailed) return { ...write, state: 'refused' };
    const problem = writeFile(write.path, write.file);
    if (problem === undefined) return { ...write, state: 'written' };
    hasFailed = true;
    return { ...write, state: 'failed', problem };
  });
}

/** link(2) refuses a name that is taken: what came there meanwhile stays. */
function writeFile(path: string, { content, mode }: PlannedFile): MigrationProblem | undefined {
  const folder = dirname(path);
  const temporary = join(folder, `.netevd-migrate-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    writeWhole(temporary, content, mode);
    try {
      linkSync(temporary, path);
    } finally {
      unlinkSync(temporary);
    }
    return undefined;
  } catch (error) {
    return failure(path, errnoOf(error));
  }
}

function writeWhole(path: string, content: Uint8Array, mode: number): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    for (let at = 0; at < content.length; ) at += writeSync(fd, content, at);
    fchmodSync(fd, mode);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function failure(file: string, errno: string): MigrationProblem {
  const isDenied = errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS';
  const remedy = isDenied
    ? 'run it as root, on a file system that can be written'
    : 'make room, and run it again';
  return { code: 'NETEVD_MIGRATE_WRITE', file, line: 0, text: `it cannot be written (${errno})`, remedy };
}
