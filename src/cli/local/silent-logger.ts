/** A log for commands that read the network once: what a source remarks on is the daemon's to say. */
import type { Logger } from '../../ports/logger.ts';

const ignore = (): void => undefined;

export const silent: Logger = {
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  with: () => silent,
  isEnabled: () => false,
};
