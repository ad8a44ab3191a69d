/** Names and days of the audit log's files. Days are those of UTC, as the times in the lines are. */

const dayMs = 86_400_000;

/** `2026-11-28` for a time in milliseconds since 1970. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Name for the log of `day` that none of `taken` has: `audit.log.2026-11-28`, then `audit.log.2026-11-28.1` … */
export function rotatedName(name: string, day: string, taken: readonly string[]): string {
  const wanted = `${name}.${day}`;
  if (!taken.includes(wanted)) return wanted;
  for (let i = 1; ; i++) if (!taken.includes(`${wanted}.${i}`)) return `${wanted}.${i}`;
}

/** Those of `names` that this log has left behind more than `days` days ago. Every other file is somebody else's. */
export function expiredNames(
  name: string,
  names: readonly string[],
  today: string,
  days: number,
): readonly string[] {
  const oldest = dayOf(Date.parse(today) - days * dayMs);
  return names.filter((candidate) => {
    const day = rotatedDay(name, candidate);
    return day !== undefined && day < oldest;
  });
}

/** The day that the name of a rotated log has; undefined for every other name. */
function rotatedDay(name: string, candidate: string): string | undefined {
  if (!candidate.startsWith(`${name}.`)) return undefined;
  return /^(\d{4}-\d{2}-\d{2})(?:\.\d+)?$/.exec(candidate.slice(name.length + 1))?.[1];
}
