/**
 * Leases to name resolution without the daemon around it: follows lease files, links and networkd, and tells resolved,
 * networkd and hostnamed. Prints a line of JSON for what it hears and does. Options of `backends.dhclient` that are on are
 * its arguments; what was told is taken back where the lease ends.
 */
import { emptyState } from '../../../src/core/empty-state.ts';
import type { Fact } from '../../../src/core/fact.ts';
import { millis } from '../../../src/core/ids.ts';
import type { ResolverOutcome } from '../../../src/core/plan/resolver/call.ts';
import { callCommand } from '../../../src/core/plan/resolver/describe.ts';
import { ResolverLane } from '../../../src/core/plan/resolver/lane.ts';
import { newResyncMachine, planResync } from '../../../src/core/plan/resync.ts';
import { reduce } from '../../../src/core/reduce.ts';
import { HostnamedRunner, isHostCall } from '../../../src/effects/hostnamed/runner.ts';
import { isLinkCall } from '../../../src/effects/resolved/messages.ts';
import { ResolvedRunner } from '../../../src/effects/resolved/runner.ts';
import { resolverLine } from '../../../src/observe/resolver-notices.ts';
import { SystemBus } from '../../../src/platform/bus/system-bus.ts';
import { SystemClock } from '../../../src/platform/clock.ts';
import { loadNative } from '../../../src/platform/native.ts';
import { KernelNetlinkChannel } from '../../../src/platform/netlink.ts';
import { SystemFiles } from '../../../src/platform/watched-files.ts';
import { DhclientSource } from '../../../src/sources/dhclient/dhclient-source.ts';
import { NetworkdSource } from '../../../src/sources/networkd/networkd-source.ts';
import { RtnetlinkSource } from '../../../src/sources/rtnetlink/rtnetlink-source.ts';
import { RecordingLogger } from '../../../src/testing/recording-logger.ts';

const say = (line: object): void =>
  void process.stdout.write(`${JSON.stringify({ at: Date.now(), ...line })}\n`);
const options = new Set(process.argv.slice(2));
const settings = {
  useDns: options.has('dns'),
  useDomain: options.has('domain'),
  useHostname: options.has('hostname'),
  isMonitored: (name: string) => name !== 'lo',
};

class PrintingLogger extends RecordingLogger {
  override warn(message: string): void {
    say({ log: message });
  }
}

const clock = new SystemClock();
const log = new PrintingLogger();
log.with = () => log;
const bus = new SystemBus({
  clock,
  log,
  chance: Math.random,
  address: undefined,
  uid: () => process.geteuid?.() ?? 0,
});
const lane = new ResolverLane();
const resolved = new ResolvedRunner({
  bus,
  onReturn: (service) => {
    say({ returned: service });
    lane.serviceReturned(service);
    settle();
  },
});
const hostnamed = new HostnamedRunner(bus);
let state = emptyState('auto');
let resync = newResyncMachine;
let timer: Disposable | undefined;

function observe(facts: readonly Fact[]): void {
  for (const fact of facts) {
    if (fact.kind === 'leasesRead') say({ leases: fact.held });
    if (fact.kind === 'sourceLostSync') say({ lost: fact.source });
    state = reduce(state, fact);
  }
  settle();
}

function settle(): void {
  const now = clock.now();
  const readings = planResync(resync, state.kernel, now);
  resync = readings.machine;
  for (const reading of readings.readings) kernel.read(reading);
  if (state.kernel.freshness === 'absent') return;
  const { calls, notices } = lane.settle(state, settings, now);
  for (const notice of notices) say({ log: resolverLine(notice).message });
  for (const call of calls)
    say({ call: callCommand(call), service: 'link' in call ? call.link.service : 'hostname1' });
  void resolved.run(calls.filter(isLinkCall)).then(finished);
  void hostnamed.run(calls.filter(isHostCall)).then(finished);
  timer?.[Symbol.dispose]();
  const next = [lane.nextWakeAt(), readings.nextAt].filter((at) => at !== undefined);
  if (next.length > 0) timer = clock.schedule(millis(Math.max(1, Math.min(...next) - now)), settle);
}

function finished(outcomes: readonly ResolverOutcome[]): void {
  if (outcomes.length === 0) return;
  for (const { call, result } of outcomes)
    if (result.kind === 'failed') say({ refused: callCommand(call), ...result });
  lane.finished(outcomes, clock.now());
  settle();
}

const native = loadNative();
const kernel = new RtnetlinkSource({
  openChannel: (channel) => new KernelNetlinkChannel(channel, native),
  drivers: native,
  clock,
  log,
  sink: observe,
});
const networkd = new NetworkdSource({ bus, clock, log, sink: observe });
const leases = new DhclientSource({
  files: new SystemFiles(),
  clock,
  log,
  sink: observe,
  owners: [0],
  inherited: [],
});
leases.start(['/var/lib/dhcp/dhclient*.leases']);
networkd.start();
kernel.start();
bus.start();
kernel.read({ kind: 'everything' });
