/**
 * The inputs of `netevd routing`: kernel, leases and networkd's configuration. Needs no daemon and no
 * privilege.
 */
import type { Config } from '../../config/index.ts';
import { emptyState } from '../../core/model/empty-state.ts';
import type { Fact, KernelSnapshot } from '../../core/model/fact.ts';
import { millis } from '../../core/model/ids.ts';
import type { State } from '../../core/model/state.ts';
import { reduce } from '../../core/reduce/reduce.ts';
import {
  isProcessRunning,
  managerProcesses,
  type NetworkdConfig,
  readNetworkdConfig,
} from '../../effects/routes/networkd-config.ts';
import { RouteRunner } from '../../effects/routes/route-runner.ts';
import { SystemClock } from '../../platform/clock.ts';
import { loadNative } from '../../platform/native.ts';
import { KernelNetlinkChannel } from '../../platform/netlink.ts';
import { SystemFiles } from '../../platform/watched-files.ts';
import type { OpenNetlinkChannel } from '../../ports/netlink-channel.ts';
import { DhclientSource } from '../../sources/dhclient/dhclient-source.ts';
import type { FlushParts } from './flush-command.ts';
import { dumpKernel } from './kernel-dump.ts';
import { silent } from './silent-logger.ts';

export interface RoutingCommandParts {
  dumpKernel(): Promise<KernelSnapshot>;
  /** The gateways of leases. The gateways of managers that run count as unknown. */
  readGateways(config: Config): State;
  readNetworkd(): NetworkdStatus;
  /** Of the calling user: rules may match users. */
  readonly uid: number;
}

/** How networkd treats rules and routes of others, and whether it runs. */
export interface NetworkdStatus extends NetworkdConfig {
  readonly isRunning: boolean;
}

/** The parts for this machine. Throws where the native addon is missing. */
export function routingCommandParts(): RoutingCommandParts {
  const native = loadNative();
  const clock = new SystemClock();
  return {
    dumpKernel: () => dumpKernel((options) => new KernelNetlinkChannel(options, native), clock),
    readGateways: ({ system, backends }) =>
      managersOf(readLeases(emptyState(system.backend), backends.dhclient.leaseFiles)),
    readNetworkd: () => ({
      ...readNetworkdConfig(),
      isRunning: isProcessRunning(managerProcesses.networkd),
    }),
    uid: process.geteuid?.() ?? 0,
  };
}

/** A running daemon restores what others remove within 250 ms. */
const restoreTime = millis(400);

/** The parts of `netevd routing flush` for this machine. */
export function flushParts(): FlushParts & AsyncDisposable {
  const native = loadNative();
  const clock = new SystemClock();
  const openChannel: OpenNetlinkChannel = (options) => new KernelNetlinkChannel(options, native);
  const runner = new RouteRunner({ openChannel, clock });
  return {
    dumpKernel: () => dumpKernel(openChannel, clock),
    changeRouting: (effects) => runner.run(effects),
    settle: () => new Promise((resolve) => void clock.schedule(restoreTime, resolve)),
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}

function managersOf(state: State): State {
  const facts: Fact[] = [];
  if (isProcessRunning(managerProcesses.networkd)) facts.push({ kind: 'networkdAppeared' });
  if (isProcessRunning(managerProcesses.networkManager)) facts.push({ kind: 'networkManagerAppeared' });
  return facts.reduce(reduce, state);
}

function readLeases(state: State, leaseFiles: readonly string[]): State {
  const facts: Fact[] = [];
  using source = new DhclientSource({
    files: new SystemFiles(),
    clock: new SystemClock(),
    log: silent,
    sink: (found) => void facts.push(...found),
    owners: [...new Set([0, process.geteuid?.() ?? 0])],
    recovered: [],
  });
  source.start(leaseFiles);
  return facts.reduce(reduce, state);
}
