/** Filters as a person asks about them: which of them keep a script from running, for some events of its directory. */
import type { FilterRule } from './decide.ts';

/** Whether the rule can keep `script` from running for an event of `directory`. */
export function isDirectoryFilter(rule: FilterRule, directory: string, script: string): boolean {
  const { match, action, scripts } = rule;
  if (match.eventType !== undefined && match.eventType !== directory) return false;
  if (action === 'ignore') return true;
  return action === 'execute' && scripts !== undefined && !scripts.includes(script);
}
