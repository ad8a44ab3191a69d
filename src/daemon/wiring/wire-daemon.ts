/** Builds the parts of the daemon and connects them to the loop. Pushes what it opens on the stack. */
import { join } from 'node:path';
import type { Fact } from '../../core/model/fact.ts';
import type { IfIndex } from '../../core/model/ids.ts';
import { HookDirectoryScan } from '../../effects/hooks/directory-scan.ts';
import type { HookRunner } from '../../effects/hooks/hook-runner.ts';
import { TableNamesFile } from '../../effects/routes/table-names-file.ts';
import { ActivityLog } from '../../observe/activity-log/activity-log.ts';
import { openDirectoryChanges } from '../../platform/directory-changes.ts';
import { ProcRunningProcesses } from '../../platform/running-processes.ts';
import type { DhclientSource } from '../../sources/dhclient/dhclient-source.ts';
import type { RtnetlinkSource } from '../../sources/rtnetlink/rtnetlink-source.ts';
import type { RunJournal } from '../../store/journal/run-journal.ts';
import { Feed } from '../feed.ts';
import { Loop } from '../loop.ts';
import { openJournal } from '../start/open-journal.ts';
import { lockState } from '../start/state-directory.ts';
import {
  buildBusSources,
  buildHookRunner,
  buildKernelSource,
  buildLeaseSource,
  buildNameResolution,
  buildRouteChanger,
} from './build.ts';
import type { BusSources } from './bus-sources.ts';
import type { DaemonParts } from './daemon-parts.ts';
import { effectHandlers } from './effect-handlers.ts';
import { dryHookLanes, hookLanes } from './hook-lanes.ts';
import { enginePolicy } from './policy.ts';

/** The connected parts. Nothing runs before `loop.start`. */
export interface Wiring {
  readonly feed: Feed;
  readonly activityLog: ActivityLog;
  readonly journal: RunJournal;
  readonly loop: Loop;
  readonly kernel: RtnetlinkSource;
  readonly managers: BusSources;
  readonly leases: DhclientSource;
  readonly hooks: HookRunner;
  readonly directories: HookDirectoryScan;
}

/** Throws StartRefused if another daemon uses the runtime directory, or if no journal can be begun in it. */
export function wireDaemon(parts: DaemonParts, stack: AsyncDisposableStack): Wiring {
  const { config, clock, dryRun, native, openLog } = parts;
  const log = openLog.log.logger;
  const { runtimeDirectory, backend } = config.system;
  if (!dryRun) stack.use(lockState(runtimeDirectory, native));
  const processes = new ProcRunningProcesses(clock);
  const location = { directory: runtimeDirectory, backend, readOnly: dryRun };
  const { journal, ...previous } = stack.use(openJournal(location, { clock, processes, log }));
  const nameOf = (index: IfIndex): string =>
    loop.snapshot().state.kernel.links.get(index)?.object.name ?? `#${index}`;
  const activityLog = new ActivityLog(log, clock, {
    isMonitored: (name) => loop.snapshot().selection.isMonitored(name),
    nameOf,
  });
  const feed = stack.use(new Feed());
  feed.subscribe(activityLog);
  const scan = new HookDirectoryScan(config.hooks.directory, () => openDirectoryChanges(native));
  const directories = stack.use(scan);
  const hooks = buildHookRunner(parts, { journal, processes });
  const lanes = dryRun ? dryHookLanes({ hooks, journal }, log) : hookLanes({ hooks, journal });
  const routes = buildRouteChanger(parts, stack, nameOf);
  const tableNames = new TableNamesFile(join(runtimeDirectory, 'rt_tables.conf'));
  const handlers = effectHandlers(() => ({
    journal,
    publish: (activity) => feed.publish(activity),
    hookLanes: lanes,
    kernel,
    managers,
    routes,
    nameResolution,
  }));
  const loop: Loop = stack.use(
    new Loop({
      engine: { policy: enginePolicy(config), ...previous },
      clock,
      handlers,
      pollHookDirectories: () => directories.poll(),
      stepEnded: () => {
        journal.flush();
        if (dryRun) return;
        const written = tableNames.update(loop.snapshot().tableNames());
        if (!written.ok) activityLog.tableNamesUnwritable(written.code);
      },
    }),
  );
  const observe = (facts: readonly Fact[]): void => loop.observe(facts);
  const kernel: RtnetlinkSource = stack.use(
    buildKernelSource(parts, (facts) => {
      // Facts of managers and leases about the same moment come before the kernel's.
      managers.onKernelFacts(facts);
      leases.onKernelFacts(facts);
      loop.observe(facts);
    }),
  );
  const managers: BusSources = stack.use(buildBusSources(parts, observe, kernel));
  const nameResolution = stack.use(
    buildNameResolution(parts, managers.bus, (service) => loop.resolverReturned(service)),
  );
  const recovered = previous.recovered?.state.leases.active.values() ?? [];
  const leases: DhclientSource = stack.use(buildLeaseSource(parts, observe, [...recovered]));
  return { feed, activityLog, journal, loop, kernel, managers, leases, hooks, directories };
}
