/** All hook directories as they are now: for `netevd hooks`, and for whoever else asks. */
import { readdirSync } from 'node:fs';
import { nearestHookDirectory, parseHookDirectory } from '../../core/hooks/directories.ts';
import type { HookTrust, HookVerdict } from '../../core/hooks/verdict.ts';
import { eventEntry, type HookDirectory, hookDirectories } from '../../core/model/event-table.ts';
import { directoryPath, type InspectedDirectory, inspectDirectory } from './inspect.ts';

export interface HookFileReport {
  readonly name: string;
  readonly path: string;
  readonly verdict: HookVerdict['kind'];
  /** Of a refusal or a skipped file: what kind it is. */
  readonly code?: string;
  readonly reason?: string;
  readonly remedy?: string;
  /** What will go wrong although the file is not refused. */
  readonly hint?: string;
}

export interface HookDirectoryReport {
  readonly event: HookDirectory;
  readonly path: string;
  /** When its scripts run. */
  readonly when: string;
  readonly sources: readonly string[];
  readonly state: InspectedDirectory['state'];
  /** Why nothing in it runs. */
  readonly reason?: string;
  readonly remedy?: string;
  /** In the order in which they run. */
  readonly files: readonly HookFileReport[];
}

export interface HooksReport {
  readonly directory: string;
  readonly directories: readonly HookDirectoryReport[];
  /** Directories whose name ends in `.d` and is that of no event, and what may have been meant. */
  readonly strangers: readonly { readonly name: string; readonly meant?: HookDirectory }[];
}

export function reportHooks(base: string, trust: HookTrust): HooksReport {
  const directories = hookDirectories.map((event) => reportDirectory(base, event, trust));
  return { directory: base, directories, strangers: strangersIn(base) };
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

function strangersIn(base: string): HooksReport['strangers'] {
  return namesIn(base)
    .filter((name) => name.endsWith('.d') && parseHookDirectory(name) === undefined)
    .map((name) => {
      const meant = nearestHookDirectory(name);
      return meant === undefined ? { name } : { name, meant };
    });
}

/** A directory that is not there, or that we may not list, has no strangers. */
function namesIn(base: string): readonly string[] {
  try {
    return readdirSync(base).sort();
  } catch {
    return [];
  }
}
