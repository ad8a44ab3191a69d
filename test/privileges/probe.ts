/**
 * A process that gives up its privileges as the daemon does, and prints as JSON what it and its children are then.
 *
 *   probe.ts drop|trim|confine UID GID GROUP…
 *
 * Run by privileges.test.ts, as root or with ambient capabilities.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { loadNative } from '../../src/platform/native.ts';
import {
  confineRoot,
  dropPrivileges,
  netAdmin,
  readThreads,
  trimPrivileges,
} from '../../src/platform/privileges.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';

const native = loadNative();
const [mode, uid = 0, gid = 0, ...groups] = process.argv
  .slice(2)
  .map((word, i) => (i === 0 ? word : Number(word))) as [
  'drop' | 'trim' | 'confine',
  number,
  number,
  ...number[],
];

/** Runs a shell script as a hook and returns its output. */
async function hook(script: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  native.childSpawn({
    file: '/bin/sh',
    argv: ['sh', '-c', script],
    env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
    cwd: '/',
    stdin: new TextEncoder().encode('event'),
    outputLimit: 65536,
    onExit: ({ stdout }) => {
      resolve(new TextDecoder().decode(stdout));
      return false;
    },
  });
  return await promise;
}

const outcome = (run: () => unknown): string => {
  try {
    run();
    return 'allowed';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
};

/** RTM_SETLINK of lo up: what needs CAP_NET_ADMIN, answered by the kernel's errno. */
function setLink(): number {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 32, true);
  view.setUint16(4, 19 /* RTM_SETLINK */, true);
  view.setUint16(6, 5 /* REQUEST, ACK */, true);
  view.setInt32(20, 1, true);
  view.setUint32(24, 1 /* IFF_UP */, true);
  view.setUint32(28, 1, true);
  const answer = native.netlinkQuery(bytes, 1000);
  return new DataView(answer.buffer).getInt32(16, true);
}

const open = (): number =>
  native.netlinkOpen({ groups: [1, 5, 9], receiveBuffer: 1 << 20, onBatch: () => undefined });

open(); // a thread of ours from before
await hook('true');
await readFile('/etc/passwd'); // and the runtime's pool
const giveUp = {
  drop: () => dropPrivileges(native, { uid, gid, groups, keepMask: netAdmin }),
  trim: () => trimPrivileges(native, netAdmin),
  confine: () => confineRoot(native, netAdmin),
};
const report = giveUp[mode]();
const threads = readThreads();

open();
const worker = new Worker('data:text/javascript,postMessage(1); setInterval(() => {}, 1000)');
await new Promise((resolve) => worker.addEventListener('message', resolve, { once: true }));
const server = Bun.serve({ port: 0, fetch: () => new Response('x') });
await (await fetch(server.url)).text();
await Promise.all(Array.from({ length: 50 }, () => readFile('/etc/passwd')));
await waitUntil('threads that came later', () => readThreads().length > threads.length);
const later = readThreads();

const result = {
  report,
  threads,
  later,
  uid: process.getuid?.(),
  backToRoot: outcome(() => process.setuid?.(0)),
  shadow: outcome(() => readFileSync('/etc/shadow')),
  setLink: setLink(),
  forced: native.netlinkStats(open() as never).forced,
  hook: await hook('grep -E "^(Uid|Gid|Groups|Cap|NoNewPrivs)" /proc/self/status'),
  hookMaySetLink: await hook('ip link set lo down && echo yes || echo no'),
  hookReadsStdin: await hook('cat /dev/stdin; echo x >/dev/stderr && echo ok'),
  hookReadsUs: await hook(
    'for f in environ maps mem fd/0; do head -c 1 /proc/$PPID/$f >/dev/null 2>&1 && echo $f; done; head -c 1 /proc/$PPID/task/*/mem 2>/dev/null | wc -c',
  ),
};
process.stdout.write(
  `${JSON.stringify(result, (_, value) => (typeof value === 'bigint' ? value.toString(16) : value))}\n`,
  () => process.exit(0),
);
