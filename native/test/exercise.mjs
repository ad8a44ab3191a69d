/*
 * Exercises every function of an addon: under sanitizers and valgrind, in Node and in Bun. Plain JavaScript, because Node is
 * the runtime that a sanitizer can be preloaded into.
 *
 *   exercise.mjs ADDON [ROUNDS] [drop]      inside `unshare -Urn`, or with `drop`: as root, to become nobody at the end
 *
 * Prints "exercised" and ends by itself with all handles closed: what is still allocated then is a leak.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [addon, rounds = '20', drop] = process.argv.slice(2);
const module = { exports: {} };
process.dlopen(module, addon);
const native = module.exports;
const scratch = mkdtempSync(join(tmpdir(), 'netevd-exercise-'));

const check = (what, condition) => {
  if (!condition) throw new Error(`exercise: ${what}`);
};
const refused = (what, run, code) => {
  try {
    run();
  } catch (error) {
    return check(`${what}: ${error.code} ${error.message}`, code === undefined || error.code === code);
  }
  throw new Error(`exercise: ${what} was not refused`);
};
const until = async (what, condition) => {
  for (let i = 0; !condition(); i++) {
    check(what, i < 20_000);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

function request(type, flags, index = 0) {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 32, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, 9, true);
  view.setInt32(20, index, true);
  return bytes;
}

function addresses(count) {
  const lines = [];
  for (const verb of ['add', 'del'])
    for (let i = 0; i < count; i++) lines.push(`address ${verb} 10.77.${i >> 8}.${i & 255}/32 dev lo`);
  // A clean environment: what is preloaded into this process is not meant for ip.
  spawnSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n`, env: { PATH: process.env.PATH } });
}

async function netlink() {
  let datagrams = 0;
  let flags = 0;
  let checksum = 0;
  const onBatch = (slab, index, count, seen) => {
    datagrams += count;
    flags |= seen;
    for (let i = 0; i < count; i++) checksum += slab[index[2 * i] + index[2 * i + 1] - 1];
  };
  const handle = native.netlinkOpen({ groups: [1, 5, 9, 36], receiveBuffer: 1 << 20, onBatch });
  check('a dump is sent', native.netlinkSend(handle, request(18, 0x301)) === 32);
  await until('the dump', () => datagrams > 0);
  if (!drop) {
    addresses(700);
    await until('addresses', () => datagrams > 1400);
    addresses(700); // left unread
  }
  check('statistics', native.netlinkStats(handle).datagrams > 0 && checksum > 0);
  native.netlinkClose(handle);
  native.netlinkClose(handle);
  check('closed', native.netlinkSend(handle, request(18, 0x301)) === -9);
  refused('closed', () => native.netlinkStats(handle), 'EBADF');

  const own = native.netlinkOpen({
    groups: [5],
    receiveBuffer: 0,
    onBatch: () => native.netlinkClose(own),
  });
  native.netlinkSend(own, request(18, 0x301));
  await until('closing in its own batch', () => native.netlinkSend(own, request(18, 1)) === -9);
  if (!drop) {
    const small = native.netlinkOpen({ groups: [5], receiveBuffer: 1, onBatch });
    addresses(3000);
    await until('the overrun', () => (flags & 1) !== 0);
    native.netlinkClose(small);
  }
  refused(
    'a group that does not exist',
    () => native.netlinkOpen({ groups: [60_000], receiveBuffer: 0, onBatch }),
    'EINVAL',
  );
  refused('no options', () => native.netlinkOpen({}));
  refused('groups of text', () => native.netlinkOpen({ groups: ['x'], receiveBuffer: 0, onBatch }));

  check('a query', native.netlinkQuery(request(18, 1, 1), 1000).length > 32);
  check('a dump by query', native.netlinkQuery(request(18, 0x301), 1000).length > 32);
  refused('silence', () => native.netlinkQuery(request(1, 1), 2), 'ETIMEDOUT');
  refused('no message', () => native.netlinkQuery(new Uint8Array(2), 2));
}

const encode = (text) => new TextEncoder().encode(text);
const start = (script, options = {}) =>
  native.childSpawn({
    file: '/bin/sh',
    argv: ['sh', '-c', script],
    env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'TEXT=äöü'],
    cwd: '/',
    stdin: encode('{"event": true}\n'),
    outputLimit: 4096,
    onExit: () => false,
    ...options,
  });

function child(script, { reserve = false, ...options } = {}, during = () => undefined) {
  return new Promise((resolve) => {
    const onExit = (result) => {
      resolve(result);
      return reserve;
    };
    during(start(script, { ...options, onExit }).pid);
  });
}

/** Valgrind before 3.21 does not know pidfd_open; there only the sanitizers check the children. */
function canSpawn() {
  if (!process.env.NETEVD_VALGRIND) return true;
  try {
    start('true');
    return true;
  } catch (error) {
    if (error.code !== 'ENOSYS') throw error;
    process.stdout.write('this valgrind has no pidfd_open: children are not exercised\n');
    return false;
  }
}

async function children() {
  const echo = await child('cat; cat /dev/stdin; echo x >/dev/stderr; exit 3');
  check('output', echo.code === 3 && echo.stdout.length === 32 && echo.stderr.length === 2);
  const flood = await child('head -c 3000000 /dev/zero; head -c 10000 /dev/zero >&2', { outputLimit: 5000 });
  check('the limit', flood.stdout.length + flood.stderr.length === 5000 && flood.dropped === 3_005_000);
  const killed = await child('sleep 100', {}, (pid) => check('the kill', native.childKill(pid, 15) === 0));
  check('the signal', killed.signal === 15 && killed.code === null);
  const holder = await child('sleep 0.3 & echo x');
  check('an open pipe', holder.outputStillOpen);
  const reserved = await child('true', { reserve: true });
  check(
    'a reserved child',
    native.childKill(reserved.pid, 0) === 0 && native.childRelease(reserved.pid) === 0,
  );
  check(
    'a released child',
    native.childKill(reserved.pid, 0) === -3 && native.childRelease(reserved.pid) === -3,
  );
  check('nobody', native.childKill(1, 0) === -3 && native.childKill(-1, 0) === -3);
  const many = await Promise.all(Array.from({ length: 40 }, (_, i) => child(`echo ${i}; exit ${i}`)));
  check(
    'many',
    many.every((result, i) => result.code === i),
  );
  const failures = [
    ['ENOENT', { file: '/no/such' }],
    ['EACCES', { file: '/etc/passwd' }],
    ['ENOENT', { cwd: '/no/such' }],
    ['E2BIG', { env: [`X=${'x'.repeat(200_000)}`] }],
    ['ENOENT', { file: '/no/such', stdin: new Uint8Array(0) }],
  ];
  // Under valgrind vfork is fork, and the child cannot report to its parent why it failed.
  if (!process.env.NETEVD_VALGRIND)
    for (const [code, options] of failures) refused(code, () => start('true', options), code);
  refused('no arguments', () => native.childSpawn({}));
  refused('NUL in an argument', () => start('a\0b'));
  refused('no argv', () => start('true', { argv: [] }));
  refused('a number in env', () => start('true', { env: ['A=1', 5] }));
}

function rest() {
  check('the clock', typeof native.monotonicMicros() === 'bigint');
  check('a driver', native.linkDriver('lo') === null && native.linkDriver('x'.repeat(40)) === null);
  check('root', native.lookupUser('root').uid === 0 && native.lookupGroup('root') === 0);
  check(
    'nobody of that name',
    native.lookupUser('no-such') === null && native.lookupGroup('no-such') === null,
  );
  const path = join(scratch, 'lock');
  const [first, second] = [openSync(path, 'w'), openSync(path, 'w')];
  check('the lock', native.fileLock(first) && !native.fileLock(second));
  closeSync(first);
  closeSync(second);
  refused('a lock on nothing', () => native.fileLock(9999), 'EBADF');
  check('memory given back', native.memoryTrim() > 0);
  check('no socket', native.dgramSend(join(scratch, 'absent'), encode('x')) < 0);
  check('an abstract name', native.dgramSend('@netevd-absent', encode('x')) < 0);
  check(
    'a long name',
    native.dgramSend(`@${'x'.repeat(200)}`, encode('x')) < 0 && native.dgramSend('', encode('x')) < 0,
  );
  refused('no user id', () => native.privilegesDrop({ uid: 0, gid: 0, groups: [], keepMask: 0 }));
  refused('no groups', () => native.privilegesDrop({ uid: 1, gid: 1, groups: 5, keepMask: 0 }));
}

/** A datagram that is too large travels as a memory file; the receiver is a C program. */
async function datagrams() {
  const receiver = join(import.meta.dirname ?? '.', '../../build/test/datagram-receive');
  const path = join(scratch, 'socket');
  let received = '';
  const ended = new Promise((resolve) => {
    native.childSpawn({
      file: receiver,
      argv: ['datagram-receive', path, '2'],
      env: [],
      cwd: '/',
      stdin: encode('go\n'),
      outputLimit: 4096,
      onExit: ({ stdout }) => {
        received = new TextDecoder().decode(stdout);
        resolve();
      },
    });
  });
  await until('the receiver', () => native.dgramSend(path, encode('READY=1')) === 0);
  check('a large datagram', native.dgramSend(path, new Uint8Array(1_000_000).fill(1)) === 0);
  await ended;
  check(received, received.endsWith('memfd 1000000 1000000 15\n'));
}

/** Every thread has no_new_privs, also the one of Node that no signal reaches. */
function becomeNobody() {
  const unreached = native.privilegesDrop({ uid: 65534, gid: 65534, groups: [65534], keepMask: 4096 });
  check('Node has one thread at most that blocks every signal', unreached <= 1);
  for (const task of readdirSync('/proc/self/task')) {
    const status = readFileSync(`/proc/self/task/${task}/status`, 'utf8');
    check(
      `no_new_privs of ${task}`,
      /NoNewPrivs:\t1/.test(status) && /Uid:\t65534\t65534\t65534\t65534/.test(status),
    );
  }
}

/** Directory changes are known as soon as the call that made them has returned. */
function directoryChanges() {
  const fd = native.inotifyOpen();
  check('a directory is watched', native.inotifyWatch(fd, scratch) >= 0);
  check('a missing directory is -ENOENT', native.inotifyWatch(fd, join(scratch, 'absent')) === -2);
  check('nothing has changed yet', native.inotifyDrain(fd) === false);
  for (let i = 0; i < 300; i++) closeSync(openSync(join(scratch, `entry-${i}`), 'w'));
  check('new entries are seen', native.inotifyDrain(fd) === true);
  check('each change is seen once', native.inotifyDrain(fd) === false);
  for (let i = 0; i < 300; i++) rmSync(join(scratch, `entry-${i}`));
  check('removed entries are seen', native.inotifyDrain(fd) === true);
  closeSync(fd);
  refused('a closed descriptor', () => native.inotifyDrain(fd), 'EBADF');
}

const spawns = canSpawn();
for (let round = 0; round < Number(rounds); round++) {
  await netlink();
  directoryChanges();
  if (spawns) await children();
  rest();
}
if (spawns) await datagrams();
rmSync(scratch, { recursive: true });
if (drop) {
  becomeNobody();
  await children();
}
process.stdout.write('exercised\n');
