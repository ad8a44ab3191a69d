/** Builds the parts of the daemon and connects them to the loop. Pushes what it opens on the stack. */
import { join } from 'node:path';
import { enginePolicy } from '../../config/engine-policy.ts';
import type { Epoch, IfIndex, Seq } from '../../core/model/ids.ts';
import { linkName } from '../../core/view/link-name.ts';
import { HookDirectoryScan } from '../../effects/hooks/directory-scan.ts';
import type { HookRunner } from '../../effects/hooks/hook-runner.ts';
import { TableNamesFile } from '../../effects/routes/table-names-file.ts';
import { ActivityLog } from '../../observe/activity-log/activity-log.ts';
import type { MetricsInput } from '../../observe/metrics/input.ts';
import { recordQueueLimit } from '../../observe/records/record-feed.ts';
import { openDirectoryChanges } from '../../platform/directory-changes.ts';
import { ProcRunningProcesses } from '../../platform/running-processes.ts';
import type { RunningProcesses } from '../../ports/running-processes.ts';
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
import { countedLanes } from './counted-lanes.ts';
import type { DaemonParts } from './daemon-parts.ts';
import { DeferredObserver } from './deferred-observer.ts';
import { effectHandlers } from './effect-handlers.ts';
import { dryHookLanes, type HookLanes, hookLanes } from './hook-lanes.ts';
import { RunningHooks } from './running-hooks.ts';

/** The connected parts. Nothing runs before `loop.start`. */
export interface Wiring {
  readonly feed: Feed;
  readonly activityLog: ActivityLog;
  readonly journal: RunJournal;
  /** To be called when the daemon is ready: until then a bug is held against the journal. */
  readonly startSucceeded: () => void;
  readonly loop: Loop;
  readonly kernel: RtnetlinkSource;
  readonly managers: BusSources;
  readonly leases: DhclientSource;
  readonly hooks: HookRunner;
  readonly directories: HookDirectoryScan;
  readonly running: RunningHooks;
  /** Observers that are made after the start. */
  readonly records: DeferredObserver;
  readonly counts: DeferredObserver;
  /** Who counts what no activity reports; set after the start. */
  readonly metrics: { input: MetricsInput | undefined };
  /** Where the numbers of records begin in this run. */
  readonly epoch: Epoch;
  readonly lastSeq: Seq;
  readonly nameOf: (index: IfIndex) => string;
}

/** Throws StartRefused if another daemon uses the runtime directory, or if no journal can be begun in it. */
export function wireDaemon(parts: DaemonParts, stack: AsyncDisposableStack): Wiring {
  const { config, clock, dryRun, native, openLog } = parts;
  const log = openLog.log.logger;
  const { runtimeDirectory, backend } = config.system;
  if (!dryRun) stack.use(lockState(runtimeDirectory, native));
  const processes = new ProcRunningProcesses(clock);
  const location = { directory: runtimeDirectory, backend, readOnly: dryRun };
  const opened = stack.use(openJournal(location, { clock, processes, log }));
  const { journal, succeeded: startSucceeded, ...previous } = opened;
  const nameOf = (index: IfIndex): string => linkName(loop.snapshot().state, index);
  const activityLog = new ActivityLog(log, clock, {
    isMonitored: (name) => loop.snapshot().selection.isMonitored(name),
    nameOf,
  });
  const feed = stack.use(new Feed());
  feed.subscribe(activityLog);
  const deferred = deferredObservers(feed);
  const scan = new HookDirectoryScan(config.hooks.directory, () => openDirectoryChanges(native));
  const directories = stack.use(scan);
  const { hooks, running, lanes } = wireHooks(parts, { journal, processes, ...deferred });
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
      pollHookDirectories: () => pollDirectories(directories, kernel),
      stepEnded: () => {
        journal.flush();
        if (!dryRun) updateTableNames(tableNames, loop, activityLog);
      },
    }),
  );
  const kernel: RtnetlinkSource = stack.use(
    buildKernelSource(parts, (facts) => {
      // Facts of managers and leases about the same moment come before the kernel's.
      managers.onKernelFacts(facts);
      leases.onKernelFacts(facts);
      loop.observe(facts);
    }),
  );
  if (hooks.mightRun('routes')) kernel.keepDynamicRoutes();
  const managers: BusSources = stack.use(buildBusSources(parts, (facts) => loop.observe(facts), kernel));
  const nameResolution = stack.use(
    buildNameResolution(parts, managers.bus, (service) => loop.resolverReturned(service)),
  );
  const recovered = previous.recovered?.state.leases.active.values() ?? [];
  const leases: DhclientSource = stack.use(
    buildLeaseSource(parts, (facts) => loop.observe(facts), [...recovered]),
  );
  const { epoch, lastSeq } = previous;
  const sources = { kernel, managers, leases };
  const observers = { ...deferred, feed, activityLog };
  const core = { journal, startSucceeded, loop, hooks, directories, running };
  return { ...sources, ...observers, ...core, epoch, lastSeq, nameOf };
}

/** The routes of routing daemons are kept from the moment on at which a hook may hear of them. */
function pollDirectories(
  directories: HookDirectoryScan,
  kernel: RtnetlinkSource,
): ReturnType<HookDirectoryScan['poll']> {
  const found = directories.poll();
  if (found?.has('routes') === true) kernel.keepDynamicRoutes();
  return found;
}

function updateTableNames(file: TableNamesFile, loop: Loop, log: ActivityLog): void {
  const written = file.update(loop.snapshot().tableNames());
  if (!written.ok) log.tableNamesUnwritable(written.code);
}

type Deferred = Pick<Wiring, 'records' | 'counts' | 'metrics'>;

/** Observers whose parts are built after READY. */
function deferredObservers(feed: Feed): Deferred {
  const records = new DeferredObserver('records', recordQueueLimit);
  const counts = new DeferredObserver('metrics', recordQueueLimit);
  feed.subscribe(records);
  feed.subscribe(counts);
  return { records, counts, metrics: { input: undefined } };
}

interface HookParts extends Pick<Wiring, 'journal' | 'metrics'> {
  readonly processes: RunningProcesses;
}

/** The hook runner, and who sees what passes to it and from it. */
function wireHooks(
  parts: DaemonParts,
  { journal, processes, metrics }: HookParts,
): Pick<Wiring, 'hooks' | 'running'> & { readonly lanes: HookLanes } {
  const { clock, dryRun, openLog } = parts;
  const running = new RunningHooks(clock);
  const hooks = buildHookRunner(parts, { journal: running.journal(journal), processes });
  const lanes = dryRun ? dryHookLanes({ hooks, journal }, openLog.log.logger) : hookLanes({ hooks, journal });
  return { hooks, running, lanes: countedLanes(running.lanes(lanes), () => metrics.input, clock) };
}
