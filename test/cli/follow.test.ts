/** `netevd events --follow`: through losses, restarts and gaps. */
import { describe, expect, test } from 'bun:test';
import { runProgram } from '../../src/cli/program.ts';
import type { Hello, NetevdRecord, StreamMessage } from '../../src/client/types.ts';
import { connectError, type TestIo, testIo, testWorld } from '../../src/testing/command-line.ts';
import { FakeApi, type FakeStream } from '../../src/testing/fake-api.ts';
import { sampleEvents, sampleInterfaces, sampleStatus } from '../../src/testing/sample-answers.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';

const epoch = sampleStatus.epoch;
const [first, second] = sampleEvents as readonly [NetevdRecord, NetevdRecord];
const cursor = ({ seq }: NetevdRecord): string => `${epoch}.${seq}`;

interface Following {
  readonly api: FakeApi;
  readonly io: TestIo;
  readonly ended: Promise<number>;
  interrupt(): void;
  /** The connection of that number, from 0. */
  stream(number: number): Promise<FakeStream>;
  shows(text: string): Promise<unknown>;
}

function follow(line: string, failures: readonly Error[] = []): Following {
  const api = new FakeApi();
  const io = testIo();
  const left = [...failures];
  let isFirst = true;
  const world = testWorld({
    transport: (path, request) => {
      const failure = isFirst || !path.includes('/stream') ? undefined : left.shift();
      isFirst = isFirst && !path.includes('/stream');
      return failure === undefined ? api.transport(path, request) : Promise.reject(failure);
    },
  });
  const ended = runProgram(
    line.split(' '),
    io,
    async () => 0,
    async () => world,
  );
  return {
    api,
    io,
    ended,
    interrupt: world.interrupt,
    stream: (number) => waitUntil(`stream ${number}`, () => api.streams[number]),
    shows: (text) =>
      waitUntil(
        `output ${text}`,
        () => `${io.stdout.text}${io.stderr.text}`.includes(text),
        10_000,
        () => io.stderr.text,
      ),
  };
}

const hello = (more: Partial<Hello> = {}): StreamMessage => ({
  type: 'hello',
  epoch,
  hostname: 'gw1',
  version: '0.4.0',
  time: sampleStatus.time,
  oldest: 1,
  head: 48_216,
  ...more,
});
const record = (of: NetevdRecord): StreamMessage => ({ type: 'record', record: of });

describe('netevd events -f', () => {
  test('prints records as they come, and Ctrl-C ends it with 0', async () => {
    const following = follow('events -f -i wwan0');
    const stream = await following.stream(0);
    expect(stream.request.path).toBe('/api/v1/events/stream?interface=wwan0');
    stream.send(hello());
    stream.send(record(first), cursor(first));
    await following.shows('#48212');
    following.interrupt();
    expect(await following.ended).toBe(0);
    expect(following.io.stderr.text).toBe('');
  });

  test('with --tail prints the newest first, and continues after them without a hole', async () => {
    const following = follow('events -f -n 2 -o json');
    const stream = await following.stream(0);
    expect(stream.request.headers.get('last-event-id')).toBe(`${epoch}.48215`);
    expect(following.io.stdout.text.trim().split('\n')).toHaveLength(2);
    following.interrupt();
    expect(await following.ended).toBe(0);
  });

  test('with --since asks the stream for it', async () => {
    const following = follow('events -f --since 10m');
    expect((await following.stream(0)).request.path).toContain('since=10m');
    following.interrupt();
    expect(await following.ended).toBe(0);
  });

  test('resumes after a restart of the daemon, and says that nothing is missing', async () => {
    const following = follow('events -f', [connectError('ENOENT'), connectError('ECONNREFUSED')]);
    const before = await following.stream(0);
    before.send(hello());
    before.send(record(first), cursor(first));
    before.send({ type: 'bye', reason: 'stopping' });
    before.end();
    const after = await following.stream(1);
    expect(after.request.headers.get('last-event-id')).toBe(cursor(first));
    after.send(hello());
    after.send(record(second), cursor(second));
    await following.shows('#48213');
    await following.shows('daemon restarted');
    await following.shows('nothing missed');
    following.interrupt();
    expect(await following.ended).toBe(0);
    expect(following.io.stdout.text.match(/#48212/g)).toHaveLength(1);
  });

  test('shows a gap, and the state after it', async () => {
    const following = follow('events -f');
    const before = await following.stream(0);
    before.send(hello());
    before.send(record(first), cursor(first));
    before.end();
    const after = await following.stream(1);
    after.send(hello({ oldest: 48_612 }));
    after.send({
      type: 'gap',
      cause: 'expired',
      from: `${epoch}.48300`,
      to: `${epoch}.48611`,
      oldest: 48_612,
      lost: 312,
    });
    after.send(
      { type: 'snapshot', seq: 48_611, status: sampleStatus, interfaces: sampleInterfaces },
      `${epoch}.48611`,
    );
    await following.shows('gap: 312 records (#48300 to #48611)');
    await following.shows('is no-carrier');
    following.interrupt();
    expect(await following.ended).toBe(0);
    expect(following.io.stderr.text).not.toContain('nothing missed');
  });

  test('-o json has gaps as objects, and nothing but JSON', async () => {
    const following = follow('events -f -o json');
    const stream = await following.stream(0);
    stream.send(hello());
    stream.send({ type: 'gap', cause: 'expired', from: null, to: null, oldest: 1, lost: null });
    stream.send(record(first), cursor(first));
    await following.shows('48212');
    following.interrupt();
    expect(await following.ended).toBe(0);
    const kinds = following.io.stdout.text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect([kinds, following.io.stderr.text]).toEqual([['gap', 'event'], '']);
  });

  test('ends where the daemon refuses the stream for good', async () => {
    const following = follow('events -f -o json');
    following.api.replaced.set('GET /api/v1/events/stream', () =>
      Response.json({ error: { code: 'NETEVD_API_QUERY', message: 'm', details: null } }, { status: 400 }),
    );
    expect(await following.ended).toBe(2);
  });
});
