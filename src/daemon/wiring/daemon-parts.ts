/** The inputs of the daemon: everything that it does not build itself. */
import type { Config } from '../../config/index.ts';
import type { OpenLog } from '../../observe/log/open-log.ts';
import type { Notifier } from '../../observe/notify.ts';
import type { Native } from '../../platform/native.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ConfigTrust } from '../start/config-trust.ts';
import type { Identity } from '../start/prepare-process.ts';

export interface DaemonParts {
  readonly configFile: string;
  /** Whom the configuration may belong to, as it was at the start: rights that were given up count. */
  readonly configTrust: ConfigTrust;
  readonly config: Config;
  /** Log level of the command line; overrides that of the configuration. */
  readonly logLevel: Config['system']['logLevel'] | undefined;
  readonly dryRun: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly identity: Identity;
  readonly native: Native;
  readonly clock: Clock;
  readonly openLog: OpenLog;
  readonly notifier: Notifier;
  /** Aborted if the daemon must stop, perhaps before it has started. */
  readonly abort: AbortSignal;
}
