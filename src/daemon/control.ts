/** The third door of the core: what the service manager, the API and the command line may ask of the daemon. */
import type { ReloadResult } from './reload.ts';

export interface Control {
  /** Reads the configuration again and applies all of it, or none where it has an error. */
  reload(): ReloadResult;
  /** Reads every source again and compares. Differences become events, marked `resync`. */
  resync(): void;
  /** Writes what the daemon knows to `diagnostics.json` in the runtime directory, and a summary to the log. */
  diagnose(): void;
}
