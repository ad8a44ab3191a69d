/** Names and days of the audit log's files. Days are in UTC, like the times in the lines. */

const dayMs = 86_400_000;

/** `2026-11-28` for a time in milliseconds since 1970. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Returns an unused name for the log of `day`: `audit.log.2026-11-28`, then `audit.log.2026-11-28.1` … */
export function rotatedName(name: string, day: string, taken: readonly string[]): string {
  const wanted = `${name}.${day}`;
  if (!taken.includes(wanted)) return wanted;
  for (let i = 1; ; i++) if (!taken.includes(`${wanted}.${i}`)) return `${wanted}.${i}`;
}

/** Returns those of `names` that this log rotated more than `days` days ago. Other files are never returned. */
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

/** Returns the day in the name of a rotated log; undefined for any other name. */
function rotatedDay(name: string, candidate: string): string | undefined {
  if (!candidate.startsWith(`${name}.`)) return undefined;
  return /^(\d{4}-\d{2}-\d{2})(?:\.\d+)?$/.exec(candidate.slice(name.length + 1))?.[1];
}
