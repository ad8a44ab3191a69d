/** Derives from a configuration what each part of the daemon needs. */
import type { Config } from '../../config/index.ts';
import { compileFilters } from '../../core/filters/decide.ts';
import type { HookRunnerSettings } from '../../effects/hooks/hook-runner.ts';
import { hookTrust } from '../../platform/trust/trusted-owners.ts';
import type { Identity } from '../start/prepare-process.ts';

/** Lease files to follow: none if another backend is configured. */
export const leaseFiles = ({ system, backends }: Config): readonly string[] =>
  system.backend === 'auto' || system.backend === 'dhclient' ? backends.dhclient.leaseFiles : [];

type Environment = Readonly<Record<string, string | undefined>>;

/** How hooks run, and which files are trusted. */
export function hookSettings(config: Config, identity: Identity, env: Environment): HookRunnerSettings {
  const { directory, timeout, killGrace, outputLimit } = config.hooks;
  return {
    directory,
    timeout,
    killGrace,
    outputLimit,
    trust: hookTrust({ uid: identity.uid, gids: identity.groups, startedAsRoot: identity.wasRoot }),
    context: {
      home: identity.home,
      user: identity.name,
      ...(env['LANG'] !== undefined && { lang: env['LANG'] }),
      ...(env['TZ'] !== undefined && { timezone: env['TZ'] }),
      emitJson: config.backends.systemdNetworkd.emitJson,
    },
    filters: compileFilters(config.filters),
  };
}
