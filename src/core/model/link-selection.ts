/** Which links the operator wants netevd to look after (`monitoring` of the configuration). */
import { matchAny } from './glob.ts';

export interface LinkPatterns {
  /** Names or globs. */
  readonly interfaces: readonly string[];
  /** Globs, added to `interfaces`. */
  readonly matchPatterns: readonly string[];
  /** Globs that count only where the two other lists are empty. */
  readonly exclude: readonly string[];
}

export interface LinkSelection {
  /** Whether the link that bears `name` now is monitored. Pure; the answer for a name never changes. */
  isMonitored(name: string): boolean;
}

/**
 * Compiles the patterns. With neither `interfaces` nor `matchPatterns`, every link but the excluded ones is
 * monitored; otherwise exactly those that one of the two names, and `exclude` has no say.
 */
export function selectLinks(patterns: LinkPatterns): LinkSelection {
  const wanted = [...patterns.interfaces, ...patterns.matchPatterns];
  if (wanted.length > 0) return { isMonitored: matchAny(wanted) };
  const isExcluded = matchAny(patterns.exclude);
  return { isMonitored: (name) => !isExcluded(name) };
}
