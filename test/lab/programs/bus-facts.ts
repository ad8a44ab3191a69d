/** Prints what the sources on the bus report, a line of JSON for each fact, with the time of the machine in milliseconds. */

import type { Fact } from '../../../src/core/model/fact.ts';
import { SystemBus } from '../../../src/platform/bus/system-bus.ts';
import { SystemClock } from '../../../src/platform/clock.ts';
import { loadNative } from '../../../src/platform/native.ts';
import { KernelNetlinkChannel } from '../../../src/platform/netlink.ts';
import { NetworkdSource } from '../../../src/sources/networkd/networkd-source.ts';
import { NetworkManagerSource } from '../../../src/sources/networkmanager/networkmanager-source.ts';
import { RtnetlinkSource } from '../../../src/sources/rtnetlink/rtnetlink-source.ts';
import { RecordingLogger } from '../../../src/testing/recording-logger.ts';

const plain = (_key: string, value: unknown): unknown =>
  value instanceof Map ? Object.fromEntries(value) : value;
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line, plain)}\n`);

/** Prints each line at once. */
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
  address: process.env['DBUS_SYSTEM_BUS_ADDRESS'],
  uid: () => process.geteuid?.() ?? 0,
});
const sink = (facts: readonly Fact[]): void => {
  const at = Date.now();
  for (const fact of facts) say({ at, ...fact });
};
const networkd = new NetworkdSource({ bus, clock, log, sink });
const networkManager = new NetworkManagerSource({ bus, clock, log, sink });
const native = loadNative();
const kernel = new RtnetlinkSource({
  openChannel: (options) => new KernelNetlinkChannel(options, native),
  drivers: native,
  clock,
  log,
  sink: (facts) => networkManager.onKernelFacts(facts),
});
networkd.start();
networkManager.start();
kernel.start();
kernel.read({ kind: 'everything' });
bus.start();
