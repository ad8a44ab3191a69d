/** Waiting for a condition of the world outside: always with a deadline, never for a time. */

/** How often a condition is asked again, in milliseconds. */
const PAUSE_MS = 5;

/**
 * Asks `condition` until it answers with something other than `undefined`, `null` or `false`, and returns that.
 * Rejects after `deadlineMs` with `what`, and with what the condition last threw; `evidence`, where given, is
 * asked for the state of things at that moment.
 */
export async function until<T>(
  condition: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  deadlineMs: number,
  what: string,
  evidence?: () => string | Promise<string>,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  let problem: unknown;
  for (;;) {
    try {
      const answer = await condition();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
      problem = undefined;
    } catch (error) {
      problem = error;
    }
    if (performance.now() >= end) break;
    await Bun.sleep(PAUSE_MS);
  }
  const cause = problem instanceof Error ? `\nlast error: ${problem.message}` : '';
  const seen = evidence === undefined ? '' : `\n${await evidence()}`;
  throw new Error(`not within ${deadlineMs} ms: ${what}${cause}${seen}`);
}
