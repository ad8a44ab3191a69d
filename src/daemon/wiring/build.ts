/** Builds the sources and the effect handlers, each as this machine and the options allow. */
import type { Fact } from '../../core/model/fact.ts';
import type { ActiveLease } from '../../core/model/state.ts';
import type { LinkService } from '../../core/resolver/call.ts';
import type { RoutingEffect, RoutingOutcome } from '../../core/routing/plan/routing-effect.ts';
import type { LinkNameOf } from '../../core/routing/report/labels.ts';
import { HookRunner } from '../../effects/hooks/hook-runner.ts';
import { shortageText } from '../../effects/hooks/outcome.ts';
import type { ShortageListener } from '../../effects/hooks/outlast-shortage.ts';
import { DryRouteRunner } from '../../effects/routes/dry-run.ts';
import { RouteRunner } from '../../effects/routes/route-runner.ts';
import { SystemBus } from '../../platform/bus/system-bus.ts';
import { readLinkStatistics } from '../../platform/link-statistics.ts';
import { KernelNetlinkChannel } from '../../platform/netlink.ts';
import { NativeProcessSpawner } from '../../platform/process-spawner.ts';
import { RunnerClient } from '../../platform/runner-client.ts';
import { SystemFiles } from '../../platform/watched-files.ts';
import type { BusConnection } from '../../ports/bus-connection.ts';
import type { HookRunJournal } from '../../ports/hook-run-journal.ts';
import type { Logger } from '../../ports/logger.ts';
import type { OpenNetlinkChannel } from '../../ports/netlink-channel.ts';
import type { RunningProcesses } from '../../ports/running-processes.ts';
import { DhclientSource } from '../../sources/dhclient/dhclient-source.ts';
import { RtnetlinkSource } from '../../sources/rtnetlink/rtnetlink-source.ts';
import { BusSources } from './bus-sources.ts';
import type { DaemonParts } from './daemon-parts.ts';
import { dryNameResolution, type NameResolution, nameResolution } from './name-resolution.ts';
import { hookSettings } from './policy.ts';

type Sink = (facts: readonly Fact[]) => void;

/** Changes rules and routes; in a dry run, logs the changes. */
export interface RouteChanger {
  run(effects: readonly RoutingEffect[]): Promise<readonly RoutingOutcome[]>;
}

const openChannelOf =
  ({ native }: DaemonParts): OpenNetlinkChannel =>
  (options) =>
    new KernelNetlinkChannel(options, native);

/** `journal` records each start of a hook beforehand; `processes` finds hooks that an earlier run started. */
export function buildHookRunner(
  parts: DaemonParts,
  helpers: { readonly journal: HookRunJournal; readonly processes: RunningProcesses },
): HookRunner {
  const { native, clock, config, identity, env, openLog } = parts;
  return new HookRunner(
    {
      ...helpers,
      shortageListener: shortageLog(openLog.log.logger),
      clock,
      spawner: new NativeProcessSpawner(native),
      delegate: new RunnerClient(clock),
      statistics: (index) => readLinkStatistics(native, index),
    },
    hookSettings(config, identity, env),
  );
}

function shortageLog(log: Logger): ShortageListener {
  return {
    onShortage: (code, path) =>
      log.warn(`hooks wait: ${shortageText(code)} (${code}); they start as soon as the system allows it`, {
        component: 'hooks',
        errorCode: 'NETEVD_HOOK_DELAYED',
        errno: code,
        script: path,
      }),
    onShortageOver: () => log.info('hooks no longer wait for the system', { component: 'hooks' }),
  };
}

/** Pushes what it opens on the stack. */
export function buildRouteChanger(
  parts: DaemonParts,
  stack: AsyncDisposableStack,
  nameOf: LinkNameOf,
): RouteChanger {
  const { clock, dryRun, openLog } = parts;
  if (!dryRun) return stack.use(new RouteRunner({ openChannel: openChannelOf(parts), clock }));
  const { logger } = openLog.log;
  return new DryRouteRunner(
    (command) => logger.info(`would run: ${command}`, { component: 'dry-run', command }),
    nameOf,
  );
}

/** Reads nothing before the first request. */
export function buildKernelSource(parts: DaemonParts, sink: Sink): RtnetlinkSource {
  const { native, clock, openLog } = parts;
  const log = openLog.log.logger;
  return new RtnetlinkSource({ openChannel: openChannelOf(parts), drivers: native, clock, log, sink });
}

/** Follows the managers once `start` is called. */
export function buildBusSources(
  { clock, env, openLog }: DaemonParts,
  sink: Sink,
  kernel: Pick<RtnetlinkSource, 'barrier'>,
): BusSources {
  const barrier = (done: () => void): void => kernel.barrier(done);
  const log = openLog.log.logger;
  const bus = new SystemBus({
    clock,
    log,
    chance: Math.random,
    address: env['DBUS_SYSTEM_BUS_ADDRESS'],
    uid: () => process.geteuid?.() ?? 0,
  });
  return new BusSources({ bus, clock, log, sink, barrier });
}

/** `recovered`: active leases of an earlier run. */
export function buildLeaseSource(
  { clock, identity, openLog }: DaemonParts,
  sink: Sink,
  recovered: readonly ActiveLease[],
): DhclientSource {
  return new DhclientSource({
    files: new SystemFiles(),
    clock,
    log: openLog.log.logger.with({ component: 'dhclient' }),
    sink,
    owners: identity.wasRoot ? [0] : [0, identity.uid],
    recovered,
  });
}

/** `onReturn`: a service is available again and may have lost its settings. */
export function buildNameResolution(
  { dryRun, openLog }: DaemonParts,
  bus: BusConnection,
  onReturn: (service: LinkService) => void,
): NameResolution {
  if (!dryRun) return nameResolution({ bus, onReturn });
  const { logger } = openLog.log;
  return dryNameResolution((command) =>
    logger.info(`would run: ${command}`, { component: 'dry-run', command }),
  );
}
