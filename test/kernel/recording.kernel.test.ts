/** A recording of a real kernel, redacted and not, replayed: it shows what happened, and no value that it hides. */
import { describe, expect, test } from 'bun:test';
import { parseConfig } from '../../src/config/index.ts';
import { parseRecording } from '../../src/core/recording/recording.ts';
import { replay } from '../../src/core/recording/replay.ts';
import { FactRecorder } from '../../src/daemon/recording/record-facts.ts';
import { SystemClock } from '../../src/platform/clock.ts';
import { loadNative } from '../../src/platform/native.ts';
import { RecordingLogger } from '../../src/testing/recording-logger.ts';
import { sampleEnginePolicy } from '../../src/testing/sample-policy.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { insideNamespace, ip } from './in-namespace.ts';

/** Records while `act` runs and until `isOver` holds for the lines so far. */
async function record(act: () => void, marker: string, redact: boolean): Promise<string> {
  const parsed = parseConfig('', { file: 'none', env: {} });
  if (!parsed.ok) throw new Error('the empty configuration is invalid');
  let text = '';
  await using recorder = new FactRecorder({
    native: loadNative(),
    clock: new SystemClock(),
    log: new RecordingLogger(),
    // Nothing listens there: the kernel alone is recorded, whatever runs on this machine.
    env: { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent/bus' },
    config: parsed.config,
    redactWith: redact ? () => Math.random() : undefined,
    write: (line) => {
      text += line;
    },
  });
  await recorder.start();
  act();
  await waitUntil(`${marker} in the recording`, () => text.includes(marker));
  return text;
}

/** The events of eth0 that the daemon would have hooks run for. */
function eventsOf(text: string): string[] {
  const parsed = parseRecording(text);
  if (!parsed.ok) throw new Error(parsed.problem.problem);
  const events: string[] = [];
  for (const decision of replay(parsed.recording, sampleEnginePolicy())) {
    if (decision.kind !== 'hooks') continue;
    const { directory, link } = decision.order.event;
    if (link === undefined || /^eth/.test(link.name)) events.push(directory);
  }
  return events;
}

if (insideNamespace(import.meta.path)) {
  const act = (): void => {
    ip('link add ethtest0 type veth peer name peertest0');
    ip('link set peertest0 up');
    ip('link set ethtest0 up');
    ip('addr add 203.0.113.5/24 dev ethtest0');
    ip('route add default via 203.0.113.1');
    ip('link set ethtest0 mtu 1432');
  };
  const undo = (): void => {
    ip('link del ethtest0');
  };
  const expected = ['link-added', 'routable', 'address-changed', 'gateway', 'default-route', 'online'];

  describe('a recording of this kernel', () => {
    test('shows the events that happened', async () => {
      const events = eventsOf(await record(act, '"mtu":1432', false));
      undo();
      expect(expected.filter((one) => !events.includes(one))).toEqual([]);
    });

    test('shows the same events redacted, without the addresses and names', async () => {
      const text = await record(act, '"mtu":1432', true);
      undo();
      const events = eventsOf(text);
      expect(expected.filter((one) => !events.includes(one))).toEqual([]);
      for (const secret of ['203.0.113', 'ethtest0', 'peertest0']) expect(text).not.toContain(secret);
    });
  });
}
