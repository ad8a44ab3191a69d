/** Waiting in tests: for a condition, with a deadline, never for a length of time. */

/** What a condition answers while it does not hold. */
export type NotYet = undefined | null | false;

/** How often a condition is asked again, in milliseconds. */
const pause = 1;

/**
 * Asks `condition` until it answers with something other than `NotYet`, and returns that. Rejects after `deadlineMs` with
 * `what`, with what the condition threw last, and with `evidence`: the state of things at that moment.
 */
export async function waitUntil<T>(
  what: string,
  condition: () => T | NotYet | Promise<T | NotYet>,
  deadlineMs: number = 30_000,
  evidence?: () => string | Promise<string>,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    let problem: unknown;
    try {
      const answer = await condition();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
    } catch (error) {
      problem = error;
    }
    if (performance.now() > end) throw await vain(what, deadlineMs, problem, evidence);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function vain(
  what: string,
  deadlineMs: number,
  problem: unknown,
  evidence: (() => string | Promise<string>) | undefined,
): Promise<Error> {
  const cause =
    problem === undefined
      ? []
      : [`last error: ${problem instanceof Error ? problem.message : String(problem)}`];
  const seen = evidence === undefined ? [] : [await evidence()];
  return new Error([`not within ${deadlineMs} ms: ${what}`, ...cause, ...seen].join('\n'));
}
