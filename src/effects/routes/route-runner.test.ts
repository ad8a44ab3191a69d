import { describe, expect, test } from 'bun:test';
import type { RoutingEffect, RoutingOutcome } from '../../core/routing/plan/routing-effect.ts';
import { FakeNetlinkChannel } from '../../testing/fake-netlink-channel.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { routeOf } from '../../testing/routing-text.ts';
import { RouteRunner } from './route-runner.ts';

const routeAt = (n: number): RoutingEffect => ({
  kind: 'addRoute',
  route: routeOf({ to: `10.${n}.0.0/16`, type: 6 }),
});
const effects = (count: number): RoutingEffect[] => Array.from({ length: count }, (_, n) => routeAt(n));

function setUp() {
  const clock = new ManualClock();
  const channels: FakeNetlinkChannel[] = [];
  const runner = new RouteRunner({
    clock,
    openChannel: (options) => {
      const channel = new FakeNetlinkChannel(options);
      channels.push(channel);
      return channel;
    },
  });
  return { clock, channels, runner };
}

/** Sequence numbers of the requests of one datagram. */
function sequencesOf(datagram: Uint8Array): number[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const found: number[] = [];
  for (let at = 0; at < datagram.length; at += (view.getUint32(at, true) + 3) & ~3)
    found.push(view.getUint32(at + 8, true));
  return found;
}

/** NLMSG_ERROR with NETLINK_CAP_ACK and, where there is a text, NLMSGERR_ATTR_MSG. */
function answer(sequence: number, errno: number, text?: string): Uint8Array {
  const textBytes = text === undefined ? new Uint8Array(0) : new TextEncoder().encode(`${text}\0`);
  const length = 36 + (text === undefined ? 0 : 4 + ((textBytes.length + 3) & ~3));
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 0x100 | (text === undefined ? 0 : 0x200), true);
  view.setUint32(8, sequence, true);
  view.setInt32(16, -errno, true);
  view.setUint32(20, 60, true);
  view.setUint16(24, 24, true);
  view.setUint32(28, sequence, true);
  if (text !== undefined) {
    view.setUint16(36, 4 + textBytes.length, true);
    view.setUint16(38, 1, true);
    bytes.set(textBytes, 40);
  }
  return bytes;
}

const codes = (outcomes: readonly RoutingOutcome[]): string[] =>
  outcomes.map(({ result }) =>
    result.kind === 'done' ? 'done' : `${result.code}${result.text === undefined ? '' : `: ${result.text}`}`,
  );

/** Lets what has been promised happen. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('RouteRunner', () => {
  test('matches answers to requests in any order', async () => {
    const { channels, runner } = setUp();
    const running = runner.run(effects(3));
    await turn();
    const [channel] = channels;
    const [a = 0, b = 0, c = 0] = sequencesOf(channel?.sent[0] ?? new Uint8Array());
    channel?.deliver([answer(c, 0), answer(a, 17)]);
    channel?.deliver([answer(b, 101, 'Nexthop has invalid gateway')]);
    expect(codes(await running)).toEqual(['EEXIST', 'ENETUNREACH: Nexthop has invalid gateway', 'done']);
  });

  test('sends 64 requests at a time', async () => {
    const { channels, runner } = setUp();
    const running = runner.run(effects(100));
    await turn();
    const [channel] = channels;
    expect(channel?.sent.map((datagram) => sequencesOf(datagram).length)).toEqual([64]);
    channel?.deliver(sequencesOf(channel.sent[0] ?? new Uint8Array()).map((sequence) => answer(sequence, 0)));
    await turn();
    expect(channel?.sent.map((datagram) => sequencesOf(datagram).length)).toEqual([64, 36]);
    channel?.deliver(sequencesOf(channel.sent[1] ?? new Uint8Array()).map((sequence) => answer(sequence, 0)));
    expect(new Set(codes(await running))).toEqual(new Set(['done']));
  });

  test('reports ETIMEDOUT for a missing answer and opens another socket', async () => {
    const { channels, clock, runner } = setUp();
    const running = runner.run(effects(2));
    await turn();
    channels[0]?.deliver([answer(sequencesOf(channels[0].sent[0] ?? new Uint8Array())[0] ?? 0, 0)]);
    clock.advance(2000);
    expect(codes(await running)).toEqual(['done', 'ETIMEDOUT']);
    expect(channels[0]?.isClosed).toBe(true);
    const next = runner.run(effects(1));
    await turn();
    expect(channels).toHaveLength(2);
    channels[1]?.deliver(
      sequencesOf(channels[1].sent[0] ?? new Uint8Array()).map((sequence) => answer(sequence, 0)),
    );
    expect(codes(await next)).toEqual(['done']);
    expect(clock.waiting).toBe(0);
  });

  test('reports ENOBUFS after an overrun', async () => {
    const { channels, runner } = setUp();
    const running = runner.run(effects(1));
    await turn();
    channels[0]?.deliver([], { overrun: true });
    expect(codes(await running)).toEqual(['ENOBUFS']);
  });

  test('fails at once if a request cannot be sent', async () => {
    const { channels, runner } = setUp();
    const first = runner.run(effects(1));
    await turn();
    channels[0]?.deliver(
      sequencesOf(channels[0].sent[0] ?? new Uint8Array()).map((sequence) => answer(sequence, 0)),
    );
    await first;
    channels[0]?.outcomes.push({ ok: false, errno: 11 });
    expect(codes(await runner.run(effects(2)))).toEqual(['EAGAIN', 'EAGAIN']);
  });

  test('fails without a netlink socket', async () => {
    const refuse = (): never => {
      throw Object.assign(new Error('no'), { code: 'EAFNOSUPPORT' });
    };
    const runner = new RouteRunner({ clock: new ManualClock(), openChannel: refuse });
    expect(codes(await runner.run(effects(1)))).toEqual(['EAFNOSUPPORT']);
  });

  test('ignores answers to other requests', async () => {
    const { channels, runner } = setUp();
    const running = runner.run(effects(1));
    await turn();
    const [sequence = 0] = sequencesOf(channels[0]?.sent[0] ?? new Uint8Array());
    channels[0]?.deliver([answer(sequence + 5, 1), answer(0, 1), new Uint8Array([1, 2, 3])]);
    channels[0]?.deliver([answer(sequence, 0), answer(sequence, 1)]);
    expect(codes(await running)).toEqual(['done']);
  });

  test('opens no socket without effects', async () => {
    const { channels, runner } = setUp();
    expect(await runner.run([])).toEqual([]);
    expect(channels).toHaveLength(0);
  });
});
