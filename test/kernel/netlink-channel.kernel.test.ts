import { afterEach, describe, expect, test } from 'bun:test';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { loadNative, nativePath } from '../../src/platform/native.ts';
import { KernelNetlinkChannel } from '../../src/platform/netlink.ts';
import type { NetlinkBatch, NetlinkChannel } from '../../src/ports/netlink-channel.ts';
import { nativeProgram } from '../../src/testing/native-program.ts';
import { nativeThreads, openDescriptors } from '../../src/testing/own-resources.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { insideNamespace, ip, ipBatch } from './in-namespace.ts';

const group = { link: 1, ipv4Address: 5, ipv4Route: 7, stats: 36 };
const messageType = { error: 2, done: 3, newLink: 16, getLink: 18, getRule: 34 };
const flag = { request: 1, ack: 4, dump: 0x300 };
/** IFLA_EXT_MASK: RTEXT_FILTER_SKIP_STATS and RTEXT_FILTER_VF. */
const noStatistics = [8, 0, 29, 0, 9, 0, 0, 0];
const errno = { badDescriptor: 9, invalid: 22 };

/** One message with a zeroed `ifinfomsg`, to the loopback where `index` is 1. */
function linkRequest(type: number, flags: number, index = 0, seq = 7): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 32, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, seq, true);
  view.setInt32(20, index, true);
  return bytes;
}

interface Message {
  readonly type: number;
  readonly payload: Uint8Array;
}

/** The messages of `bytes`, copied. */
function messagesOf(bytes: Uint8Array): Message[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: Message[] = [];
  for (let at = 0; at + 16 <= bytes.length; ) {
    const length = view.getUint32(at, true);
    messages.push({ type: view.getUint16(at + 4, true), payload: bytes.slice(at + 16, at + length) });
    at += (length + 3) & ~3;
  }
  return messages;
}

class Recorder {
  readonly messages: Message[] = [];
  batches = 0;
  overruns = 0;
  readonly errors: number[] = [];
  foreign = 0;
  truncated = 0;

  readonly onBatch = (batch: NetlinkBatch): void => {
    this.batches++;
    if (batch.overrun) this.overruns++;
    if (batch.error !== undefined) this.errors.push(batch.error.errno);
    if (batch.foreign) this.foreign++;
    if (batch.truncated) this.truncated++;
    for (let i = 0; i < batch.datagrams; i++) {
      const { buffer, offset, length } = batch.view(i);
      this.messages.push(...messagesOf(buffer.subarray(offset, offset + length)));
    }
  };

  count(type: number): number {
    return this.messages.filter((message) => message.type === type).length;
  }
}

const open: NetlinkChannel[] = [];
function channel(
  recorder: Recorder,
  groups: readonly number[],
  receiveBuffer = 1 << 22,
): KernelNetlinkChannel {
  const opened = new KernelNetlinkChannel({ groups, receiveBuffer, onBatch: recorder.onBatch });
  open.push(opened);
  return opened;
}

/** `count` addresses on lo, in 10.x.y.1/32. */
const addresses = (count: number, verb: 'add' | 'del'): string[] =>
  Array.from({ length: count }, (_, i) => `address ${verb} 10.${i >> 8}.${i & 255}.1/32 dev lo`);
const addressOf = ({ payload }: Message): string => payload.subarray(8 + 4, 8 + 8).join('.');

let markers = 0;
/**
 * What the kernel told a channel of addresses before this call has been handed over, or is lost: messages keep their order,
 * and a marker that comes behind them has been heard. A full buffer may lose the marker too: so it comes again and again.
 */
async function caughtUp(recorder: Recorder): Promise<void> {
  const marker = `192.0.2.${100 + markers++}`;
  await waitUntil('the marker', () => {
    if (recorder.messages.some((message) => addressOf(message) === marker)) return true;
    ipBatch([`address add ${marker}/32 dev lo`, `address del ${marker}/32 dev lo`]);
    return false;
  });
}

/** Messages that surely fit: a whole batch, and in the socket's buffer one for each 1 500 bytes (the kernel counts some 800). */
const roomFor = ({ receiveBuffer }: { readonly receiveBuffer: number }): number =>
  Math.min(8000, 1024 + Math.floor(receiveBuffer / 1500));

if (insideNamespace(import.meta.path)) {
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
  });

  describe('netlink channel', () => {
    test('answers a dump with every link and DONE', async () => {
      const recorder = new Recorder();
      const opened = channel(recorder, []);
      expect(opened.send(linkRequest(messageType.getLink, flag.request | flag.dump))).toEqual({ ok: true });
      await waitUntil('DONE', () => recorder.count(messageType.done) === 1);
      expect(recorder.count(messageType.newLink)).toBe(ip('-o link').trim().split('\n').length);
    });

    test('answers whole for a link with as many alternative names as the kernel takes', async () => {
      ip('link add many0 type veth peer name many1');
      const name = 'n'.repeat(120);
      const names = Array.from({ length: 600 }, (_, i) => `link property add dev many0 altname ${name}${i}`);
      expect(() => ipBatch(names)).toThrow('list too long'); // Past 64 KiB of them.
      const recorder = new Recorder();
      const opened = channel(recorder, []);
      // Without statistics, as the daemon asks: with them the kernel leaves such a link out.
      const request = Uint8Array.of(
        ...linkRequest(messageType.getLink, flag.request | flag.dump),
        ...noStatistics,
      );
      new DataView(request.buffer).setUint32(0, request.length, true);
      expect(opened.send(request)).toEqual({ ok: true });
      await waitUntil('DONE', () => recorder.count(messageType.done) === 1 || recorder.truncated > 0);
      expect(recorder.truncated).toBe(0);
      expect(recorder.count(messageType.newLink)).toBe(3);
      expect(opened.stats().bytes).toBeGreaterThan(65_536);
      ip('link del many0');
    });

    test('hands over what happens, in order', async () => {
      const recorder = new Recorder();
      channel(recorder, [group.ipv4Address]);
      ipBatch([...addresses(300, 'add'), ...addresses(300, 'del')]);
      await waitUntil('600 messages', () => recorder.messages.length === 600);
      const octets = recorder.messages.map(addressOf);
      const expected = Array.from({ length: 300 }, (_, i) => `10.${i >> 8}.${i & 255}.1`);
      expect(octets).toEqual([...expected, ...expected]);
    });

    test('loses nothing while JavaScript does not listen, as long as the kernel has room', async () => {
      const recorder = new Recorder();
      const opened = channel(recorder, [group.ipv4Address]);
      const half = Math.floor(roomFor(opened.stats()) / 2);
      ipBatch(addresses(half, 'add')); // this blocks the loop, beyond one slab
      ipBatch(addresses(half, 'del'));
      await waitUntil('all messages', () => recorder.messages.length === 2 * half);
      expect(opened.stats()).toMatchObject({ datagrams: 2 * half, overruns: 0, truncated: 0, foreign: 0 });
    });

    test('wakes JavaScript for a storm about once a millisecond, not for each message', async () => {
      const recorder = new Recorder();
      const opened = channel(recorder, [group.ipv4Address]);
      const begun = performance.now();
      const storm = spawn('ip', ['-batch', '-']);
      const ended = new Promise((resolve) => storm.once('close', resolve));
      storm.stdin.end(`${[...addresses(4000, 'add'), ...addresses(4000, 'del')].join('\n')}\n`);
      await ended;
      await caughtUp(recorder);
      const { wakeups, datagrams } = opened.stats();
      expect(datagrams).toBeGreaterThan(1000);
      expect(wakeups).toBeLessThan(performance.now() - begun + 10);
      expect(recorder.batches).toBeLessThanOrEqual(wakeups + datagrams / 1024);
    });

    test('takes no harm from dumps that end while something else is read', async () => {
      const recorder = new Recorder();
      const opened = channel(recorder, [group.ipv4Address]);
      const talk = spawn('ip', ['-batch', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
      let isOver = false;
      talk.once('close', () => {
        isOver = true;
      });
      const commands = Array.from({ length: 20 }, () => [...addresses(200, 'add'), ...addresses(200, 'del')]);
      talk.stdin.end(`${commands.flat().join('\n')}\n`);
      // The kernel's false alarm, EINVAL, comes once in some hundreds of these, and the reader must not end by it.
      await waitUntil('the end of the talk', () => {
        for (let i = 0; i < 50; i++) opened.send(linkRequest(messageType.getRule, flag.request | flag.dump));
        return isOver;
      });
      // However many of the messages an overrun has taken: a reader that had ended would hear no marker.
      await caughtUp(recorder);
      expect(recorder.errors).toEqual([]);
    });

    test('reports an overrun, and receives later messages', async () => {
      const recorder = new Recorder();
      const opened = channel(recorder, [group.ipv4Address, group.ipv4Route], 1);
      ipBatch([...addresses(3000, 'add'), ...addresses(3000, 'del')]);
      await waitUntil('the overrun', () => recorder.overruns > 0);
      expect(opened.stats().overruns).toBeGreaterThan(0);
      const before = recorder.messages.length;
      ip('address add 192.0.2.1/32 dev lo');
      ip('address del 192.0.2.1/32 dev lo');
      await waitUntil('a message after it', () => recorder.messages.length > before);
    });

    test('drops what another process sends, and says so', async () => {
      const recorder = new Recorder();
      const opened = channel(recorder, [group.link]);
      execFileSync(nativeProgram('netlink-forge'), [String(opened.stats().portId)]);
      await waitUntil('the flag', () => recorder.foreign === 1);
      expect(recorder.messages).toEqual([]);
      expect(opened.stats()).toMatchObject({ foreign: 1, datagrams: 0 });
    });

    test('joins groups above 32, and names the error of one that does not exist', () => {
      channel(new Recorder(), [group.stats]);
      expect(() => channel(new Recorder(), [60_000])).toThrow(
        expect.objectContaining({ code: 'EINVAL', errno: errno.invalid }),
      );
    });

    test('tells the buffer that it really has', () => {
      // The kernel doubles what it grants (socket(7)), which is up to net.core.rmem_max where it cannot be forced.
      const most = channel(new Recorder(), [], 1 << 30).stats().receiveBuffer;
      for (const wanted of [1 << 14, 1 << 16]) {
        expect(channel(new Recorder(), [], wanted).stats().receiveBuffer).toBe(Math.min(2 * wanted, most));
      }
    });

    test('refuses a datagram number outside the batch', async () => {
      let thrown: unknown;
      const opened = new KernelNetlinkChannel({
        groups: [],
        receiveBuffer: 0,
        onBatch: (batch) => {
          try {
            batch.view(batch.datagrams);
          } catch (error) {
            thrown = error;
          }
        },
      });
      open.push(opened);
      opened.send(linkRequest(messageType.getLink, flag.request | flag.dump));
      await waitUntil('a batch', () => thrown !== undefined);
      expect(thrown).toBeInstanceOf(RangeError);
    });
  });

  describe('closing a netlink channel', () => {
    test('two hundred times leaves no thread and no descriptor', async () => {
      channel(new Recorder(), [group.link]).close();
      const before = openDescriptors().length;
      for (let i = 0; i < 200; i++) channel(new Recorder(), [group.link, group.ipv4Address]).close();
      expect(nativeThreads()).toEqual([]);
      expect(openDescriptors().length).toBe(before);
    });

    test('ends the reader while a flood comes and a batch is pending, and nothing is delivered after it', async () => {
      for (let round = 0; round < 20; round++) {
        const recorder = new Recorder();
        const opened = channel(recorder, [group.ipv4Address, group.ipv4Route]);
        ipBatch([...addresses(1500, 'add'), ...addresses(1500, 'del')]); // fills the slab: the thread waits for us
        opened.close();
        await new Promise((resolve) => setImmediate(resolve));
        expect(recorder.batches).toBe(0);
      }
      expect(nativeThreads()).toEqual([]);
    });

    test('works from within its own batch', async () => {
      const closed = Promise.withResolvers<number>();
      const opened: KernelNetlinkChannel = new KernelNetlinkChannel({
        groups: [group.ipv4Address],
        receiveBuffer: 1 << 20,
        onBatch: (batch) => {
          opened.close();
          closed.resolve(batch.view(0).buffer[batch.view(0).offset] ?? -1);
        },
      });
      ipBatch(addresses(10, 'add'));
      expect(await closed.promise).toBeGreaterThan(0); // the batch is still readable
      ipBatch(addresses(10, 'del'));
      expect(nativeThreads()).toEqual([]);
    });

    test('is harmless when repeated; sending afterwards is EBADF, the counters stay', async () => {
      const recorder = new Recorder();
      const opened = channel(recorder, [group.ipv4Address]);
      ip('address add 192.0.2.1/32 dev lo');
      ip('address del 192.0.2.1/32 dev lo');
      await waitUntil('two messages', () => recorder.messages.length === 2);
      opened.close();
      opened.close();
      await opened[Symbol.asyncDispose]();
      expect(opened.send(linkRequest(messageType.getLink, flag.request))).toEqual({
        ok: false,
        errno: errno.badDescriptor,
      });
      expect(opened.stats().datagrams).toBe(2);
    });

    test('is not needed for a process to end, also in the middle of a flood', () => {
      const script = `
        const module = { exports: {} };
        process.dlopen(module, ${JSON.stringify(nativePath())});
        for (let i = 0; i < 4; i++)
          module.exports.netlinkOpen({ groups: [1, 5, 7], receiveBuffer: 1 << 20, onBatch() {} });
        setTimeout(() => process.exit(7), 20 + 10 * Math.random());`;
      const flood = spawn('sh', [
        '-c',
        'while ip address add 10.9.9.9/32 dev lo && ip address del 10.9.9.9/32 dev lo; do :; done',
      ]);
      const codes = Array.from(
        { length: 20 },
        () => spawnSync(process.execPath, ['-e', script], { timeout: 30_000 }).status,
      );
      flood.kill();
      expect(codes).toEqual(new Array<number>(20).fill(7));
    });
  });

  describe('netlinkQuery', () => {
    const native = loadNative();

    test('returns the one part of a single answer, fresh each time', () => {
      const types = messagesOf(native.netlinkQuery(linkRequest(messageType.getLink, flag.request, 1), 1000));
      expect(types.map(({ type }) => type)).toEqual([messageType.newLink]);
    });

    test('returns a dump up to DONE', () => {
      const answer = native.netlinkQuery(linkRequest(messageType.getLink, flag.request | flag.dump), 1000);
      expect(messagesOf(answer).at(-1)?.type).toBe(messageType.done);
    });

    test('returns the error message of the kernel as an answer', () => {
      const answer = messagesOf(
        native.netlinkQuery(linkRequest(messageType.getLink, flag.request, 4242), 1000),
      );
      expect(answer.map(({ type }) => type)).toEqual([messageType.error]);
    });

    test('gives up after its time, and works again', () => {
      const silent = linkRequest(1 /* NLMSG_NOOP: the kernel says nothing */, flag.request);
      expect(() => native.netlinkQuery(silent, 20)).toThrow(expect.objectContaining({ code: 'ETIMEDOUT' }));
      expect(
        native.netlinkQuery(linkRequest(messageType.getLink, flag.request, 1), 1000).length,
      ).toBeGreaterThan(32);
    });

    test('refuses what cannot be a message', () => {
      expect(() => native.netlinkQuery(new Uint8Array(3), 10)).toThrow(TypeError);
    });
  });

  describe('linkDriver', () => {
    test('names the driver of a veth and of a bridge; null for none and for no such link', () => {
      ip('link add one type veth peer name two');
      ip('link add three type bridge');
      const native = loadNative();
      expect(
        ['one', 'three', 'lo', 'nothing', 'a-name-that-is-too-long'].map((name) => native.linkDriver(name)),
      ).toEqual(['veth', 'bridge', null, null, null]);
      ip('link del one');
      ip('link del three');
    });
  });
}
