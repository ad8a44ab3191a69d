/** Waiting in tests: for a condition, with a deadline, never for a length of time. */

/** Resolves as soon as `condition` holds; rejects with `what` after `deadlineMs`. */
export async function waitUntil(
  what: string,
  condition: () => boolean,
  deadlineMs: number = 30_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
