/** The files of a plan against what is there: what is to be written, what is there already, what is in the way. */
import type { FileRole, MigrationProblem, PlannedFile, SourcePlan } from './plan.ts';

/** What stands at a path. */
export type Existing =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly content: Uint8Array; readonly mode: number }
  /** A directory, a link, a device, or something that cannot be looked at. */
  | { readonly kind: 'other'; readonly what: string };

/** A file of the plan against what is at its path. */
export interface Write {
  readonly file: PlannedFile;
  readonly state: 'new' | 'same' | 'refused';
  /** The path to write to: another than the file's own, where a configuration stands there already. */
  readonly path: string;
  readonly problem?: MigrationProblem;
}

/** Nothing is ever overwritten. A configuration goes beside the one that is there; a script is refused. */
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
  const what = there.kind === 'other' ? `it is ${there.what}` : 'it is there, and differs';
  const remedy = `compare the two, and move ${path} away`;
  return {
    file,
    state,
    path,
    problem: { code: 'NETEVD_MIGRATE_TARGET', file: path, line: 0, text: what, remedy },
  };
}

/** The mode counts for what is executed: a hook that may not run is another file. */
function stateOf({ content, mode, role }: PlannedFile, there: Existing): Write['state'] {
  if (there.kind === 'absent') return 'new';
  if (there.kind === 'other' || !isSame(content, there.content)) return 'refused';
  return isExecuted(role) && there.mode !== mode ? 'refused' : 'same';
}

const isExecuted = (role: FileRole): boolean => role !== 'configuration';

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/**
 * The same plans, where no two files that differ have one path: the later hook gets its source's name, or what tells its
 * directories apart, behind its own.
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
