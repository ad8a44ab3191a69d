/** Compares the files of a plan with the existing ones: which are to be written, equal, or refused. */
import type { FileRole, MigrationProblem, PlannedFile, SourcePlan } from './plan.ts';

/** What exists at a path. */
export type Existing =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly content: Uint8Array; readonly mode: number }
  /** A directory, a symbolic link, a device, or something that cannot be examined. */
  | { readonly kind: 'other'; readonly what: string };

/** A file of the plan compared with what exists at its path. */
export interface Write {
  readonly file: PlannedFile;
  readonly state: 'new' | 'same' | 'refused';
  /** The path to write to. Differs from the file's own path if a configuration exists there. */
  readonly path: string;
  readonly problem?: MigrationProblem;
}

/** Nothing is ever overwritten. A configuration is written beside the existing one; a script is refused. */
export function reconcile(file: PlannedFile, lookAt: (path: string) => Existing): Write {
  const there = lookAt(file.path);
  const state = stateOf(file, there);
  if (state !== 'refused' || file.role !== 'configuration') return outcome(file, file.path, state, there);
  const beside = `${file.path}.migrated`;
  const other = lookAt(beside);
  return outcome(file, beside, stateOf(file, other), other);
}

function outcome(file: PlannedFile, path: string, state: Write['state'], there: Existing): Write {
  if (state !== 'refused') return { file, state, path };
  const what = there.kind === 'other' ? `it is ${there.what}` : 'it exists and differs';
  const remedy = `compare the two files, and move ${path} away`;
  return {
    file,
    state,
    path,
    problem: { code: 'NETEVD_MIGRATE_TARGET', file: path, line: 0, text: what, remedy },
  };
}

/** The mode matters for scripts: a hook that is not executable is a different file. */
function stateOf({ content, mode, role }: PlannedFile, there: Existing): Write['state'] {
  if (there.kind === 'absent') return 'new';
  if (there.kind === 'other' || !isSame(content, there.content)) return 'refused';
  return isExecuted(role) && there.mode !== mode ? 'refused' : 'same';
}

const isExecuted = (role: FileRole): boolean => role !== 'configuration';

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/**
 * Returns the plans without two different files at one path: the later hook gets the name of its source, or the part that
 * distinguishes their directories, appended to its own.
 */
export function withoutCollisions(plans: readonly SourcePlan[]): readonly SourcePlan[] {
  const taken = new Map<string, PlannedFile>();
  return plans.map((plan) => ({
    ...plan,
    scripts: plan.scripts.map((script) => ({
      ...script,
      files: script.files.map((file) => placed(file, plan, taken)),
    })),
  }));
}

function placed(file: PlannedFile, { source }: SourcePlan, taken: Map<string, PlannedFile>): PlannedFile {
  const names = [
    file.path,
    `${file.path}-${source}`,
    ...[2, 3, 4, 5, 6, 7, 8, 9].map((n) => `${file.path}-${source}-${n}`),
  ];
  for (const path of names) {
    const other = taken.get(path);
    if (other !== undefined && !isSame(other.content, file.content)) continue;
    taken.set(path, file);
    return { ...file, path };
  }
  return file;
}
