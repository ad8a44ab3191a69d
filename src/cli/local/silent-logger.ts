/** A logger for commands that read the network once: warnings of sources are for the daemon's log. */
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
