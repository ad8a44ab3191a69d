/** The control of the daemon: what the service manager, the API and the command line may request. */
import type { ReloadResult } from './reload.ts';

export interface Control {
  /** Reads the configuration again and applies all of it, or none of it if it has an error. */
  reload(): ReloadResult;
  /** Reads every source again and compares. Differences become events that are marked `resync`. */
  resync(): void;
  /** Writes what the daemon knows to `diagnostics.json` in the runtime directory, and a summary to the log. */
  diagnose(): void;
}
