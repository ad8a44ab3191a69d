/** The part of a configuration that the core decides by. */
import type { EnginePolicy } from '../core/engine-options.ts';
import { matchAny } from '../core/model/glob.ts';
import { type LinkSelection, selectLinks } from '../core/model/link-selection.ts';
import type { Config } from './config.ts';

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
