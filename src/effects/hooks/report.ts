/** Reports all hook directories as they are now, for `netevd hooks` and the API. */
import { readdirSync } from 'node:fs';
import { nearestHookDirectory, parseHookDirectory } from '../../core/hooks/directories.ts';
import { privilegesDirectory } from '../../core/hooks/privileges.ts';
import type { HookTrust, HookVerdict } from '../../core/hooks/verdict.ts';
import { eventEntry, type HookDirectory, hookDirectories } from '../../core/model/event-table.ts';
import { directoryPath, type InspectedDirectory, inspectDirectory } from './inspect.ts';

export interface HookFileReport {
  readonly name: string;
  readonly path: string;
  readonly verdict: HookVerdict['kind'];
  /** Code of a refusal or of a skipped file. */
  readonly code?: string;
  readonly reason?: string;
  readonly remedy?: string;
  /** Why a run will fail although the file is not refused. */
  readonly hint?: string;
}

export interface HookDirectoryReport {
  readonly event: HookDirectory;
  readonly path: string;
  /** When its scripts run. */
  readonly when: string;
  readonly sources: readonly string[];
  readonly state: InspectedDirectory['state'];
  /** Why no file in it runs. */
  readonly reason?: string;
  readonly remedy?: string;
  /** In run order. */
  readonly files: readonly HookFileReport[];
}

export interface HooksReport {
  readonly directory: string;
  readonly directories: readonly HookDirectoryReport[];
  /** Directories whose name ends in `.d` without being an event's, and the event that was probably meant. */
  readonly unknown: readonly { readonly name: string; readonly suggestion?: HookDirectory }[];
}

/** Inspects every hook directory below `base` as the daemon does for an event; starts nothing. */
export function reportHooks(base: string, trust: HookTrust): HooksReport {
  const directories = hookDirectories.map((event) => reportDirectory(base, event, trust));
  return { directory: base, directories, unknown: unknownIn(base) };
}

function reportDirectory(base: string, event: HookDirectory, trust: HookTrust): HookDirectoryReport {
  const inspected = inspectDirectory(directoryPath(base, event), trust);
  const { path, state, refusal } = inspected;
  const { when, sources } = eventEntry(event);
  const report = {
    event,
    path,
    when,
    sources,
    state,
    files: inspected.entries.map(reportFile),
  };
  return refusal === undefined ? report : { ...report, reason: refusal.reason, remedy: refusal.remedy };
}

function reportFile({ name, path, verdict, hint }: InspectedDirectory['entries'][number]): HookFileReport {
  const { kind, ...details } = verdict;
  return { name, path, verdict: kind, ...details, ...(hint === undefined ? {} : { hint }) };
}

function unknownIn(base: string): HooksReport['unknown'] {
  return namesIn(base)
    .filter(
      (name) => name.endsWith('.d') && name !== privilegesDirectory && parseHookDirectory(name) === undefined,
    )
    .map((name) => {
      const suggestion = nearestHookDirectory(name);
      return suggestion === undefined ? { name } : { name, suggestion };
    });
}

/** Empty for a directory that does not exist or cannot be listed. */
function namesIn(base: string): readonly string[] {
  try {
    return readdirSync(base).sort();
  } catch {
    return [];
  }
}
