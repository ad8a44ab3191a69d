/** Selects the links that netevd monitors (`monitoring` of the configuration). */
import { matchAny } from './glob.ts';

export interface LinkPatterns {
  /** Names or globs. */
  readonly interfaces: readonly string[];
  /** Globs, added to `interfaces`. */
  readonly matchPatterns: readonly string[];
  /** Globs; used only if both other lists are empty. */
  readonly exclude: readonly string[];
}

export interface LinkSelection {
  /** Whether a link with this name is monitored. Pure; the answer for a name never changes. */
  isMonitored(name: string): boolean;
}

/**
 * Compiles the patterns. Without `interfaces` and `matchPatterns` all links except the excluded ones are
 * monitored; otherwise exactly the links that one of the two matches, and `exclude` is ignored.
 */
export function selectLinks(patterns: LinkPatterns): LinkSelection {
  const wanted = [...patterns.interfaces, ...patterns.matchPatterns];
  if (wanted.length > 0) return { isMonitored: matchAny(wanted) };
  const isExcluded = matchAny(patterns.exclude);
  return { isMonitored: (name) => !isExcluded(name) };
}
