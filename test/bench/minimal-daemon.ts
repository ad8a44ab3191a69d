/**
 * The least that a daemon on this runtime can be: the addon, and nothing between event and hook. What it takes beyond the C
 * program is the runtime's share; what netevd takes beyond it is netevd's.
 *
 *   minimal-daemon.ts IFINDEX HOOK     prints "ready"; starts HOOK each time the link goes down
 */
import { loadNative } from '../../src/platform/native.ts';
import { KernelNetlinkChannel } from '../../src/platform/netlink.ts';
import type { DatagramView } from '../../src/ports/netlink-channel.ts';

const [index = '0', hook = ''] = process.argv.slice(2);
const native = loadNative();
const newLink = 16;
const isUp = 1;
const event = new TextEncoder().encode(JSON.stringify({ link: 'one', filler: 'x'.repeat(2000) }));
let wasUp = true;

/** One message: its type, and of a link its index and flags. */
function wentDown({ buffer, offset }: DatagramView): boolean {
  const view = new DataView(buffer.buffer, offset);
  if (view.getUint16(4, true) !== newLink || view.getInt32(20, true) !== Number(index)) return false;
  const up = (view.getUint32(24, true) & isUp) !== 0;
  const down = wasUp && !up;
  wasUp = up;
  return down;
}

const start = (): unknown =>
  native.childSpawn({
    file: hook,
    argv: [hook],
    env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LINK=one', 'STATE=off'],
    cwd: '/',
    stdin: event,
    outputLimit: 65_536,
    onExit: () => false,
  });

new KernelNetlinkChannel({
  groups: [1],
  receiveBuffer: 1 << 20,
  onBatch: (batch) => {
    for (let i = 0; i < batch.datagrams; i++) if (wentDown(batch.view(i))) start();
  },
});
process.stdout.write('ready\n');
