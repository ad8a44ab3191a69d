/** A hidden tab gives its connection back after a while: browsers allow six for a host over HTTP/1.1. */
import type { Feed } from '../feed/feed.ts';

/** How long a hidden tab keeps its stream, in milliseconds. */
const HIDDEN_MS = 60_000;

/** Pauses and resumes for as long as the page lives. */
export function followVisibility(feed: Feed): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    if (document.visibilityState === 'hidden') timer = setTimeout(() => feed.pause(), HIDDEN_MS);
    else feed.start();
  });
  window.addEventListener('online', () => feed.retryNow());
}
