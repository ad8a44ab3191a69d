/** Time and chance of the browser, for what is given them from outside. */
import type { FeedClock } from '../feed/feed.ts';

/** In a hidden tab no frame is drawn: what came is taken in all the same. */
const NO_FRAME_MS = 250;

export const browserClock: FeedClock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  chance: () => Math.random(),
  after: (ms, run) => void setTimeout(run, ms),
  delay: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(resolve, ms);
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    }),
  nextFrame: (run) => {
    let isDone = false;
    const once = (): void => {
      if (isDone) return;
      isDone = true;
      run();
    };
    requestAnimationFrame(once);
    setTimeout(once, NO_FRAME_MS);
  },
};
