/** Descriptions of the hook directories, for people. */
import { type HookDirectory, hookDirectories } from '../model/event-table.ts';
import { nearest } from '../model/nearest.ts';

/** The directory of this name, with or without `.d`. */
export function parseHookDirectory(text: string): HookDirectory | undefined {
  const name = text.endsWith('.d') ? text.slice(0, -2) : text;
  return hookDirectories.find((known) => known === name);
}

/** Suggests the directory nearest to a misspelled name. */
export function nearestHookDirectory(text: string): HookDirectory | undefined {
  const near = nearest(text.endsWith('.d') ? text.slice(0, -2) : text, hookDirectories);
  return near === undefined ? undefined : parseHookDirectory(near);
}
