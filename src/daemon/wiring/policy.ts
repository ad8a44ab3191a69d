/** Derives from a configuration what each part of the daemon needs. */
import type { Config } from '../../config/index.ts';
import type { EnginePolicy } from '../../core/engine-options.ts';
import { compileFilters } from '../../core/filters/decide.ts';
import { matchAny } from '../../core/model/glob.ts';
import { type LinkSelection, selectLinks } from '../../core/model/link-selection.ts';
import type { HookRunnerSettings } from '../../effects/hooks/hook-runner.ts';
import { hookTrust } from '../../platform/trust/trusted-owners.ts';
import type { Identity } from '../start/prepare-process.ts';

/** What decides: links, limits, policy routing, name resolution. */
export function enginePolicy({
  system,
  monitoring,
  hooks,
  routing,
  backends,
  online,
  damping,
}: Config): EnginePolicy {
  const { debounce, maxParallel, queueLimit, onStart } = hooks;
  const { useDns, useDomain, useHostname } = backends.dhclient;
  const selection = selectLinks(monitoring);
  return {
    backend: system.backend,
    selection,
    limits: { debounce, maxParallel, queueLimit },
    onStart,
    online: { families: online.families, counts: onlineLinks(online.links, selection) },
    damping,
    routing: {
      links: routing.policyRules,
      tableBase: routing.tableBase,
      tables: new Map(Object.entries(routing.tables)),
      rulePriority: routing.rulePriority,
    },
    resolver: { useDns, useDomain, useHostname, isMonitored: (name) => selection.isMonitored(name) },
  };
}

/** `online.links`; without any, every monitored link counts. */
function onlineLinks(links: readonly string[], selection: LinkSelection): (name: string) => boolean {
  return links.length === 0 ? (name) => selection.isMonitored(name) : matchAny(links);
}

/** Lease files that are followed: none where another backend is configured. */
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
