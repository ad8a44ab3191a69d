import { expect, test } from 'bun:test';
import { parseIp } from '../../core/model/address.ts';
import { generation, ifIndex } from '../../core/model/ids.ts';
import type { ResolverCall } from '../../core/resolver/call.ts';
import { FakeBus } from '../../testing/fake-bus.ts';
import { dryNameResolution, nameResolution } from './name-resolution.ts';

const link = { service: 'resolve1', index: ifIndex(2), generation: generation(1), name: 'eth0' } as const;
const dns: ResolverCall = {
  kind: 'setLinkDns',
  link,
  servers: [parseIp('192.0.2.53') ?? expect.unreachable()],
};
const name: ResolverCall = { kind: 'setHostname', name: 'printer', from: '2.1' };

test('links and the host do not wait for each other', async () => {
  const bus = new FakeBus();
  bus.own('org.freedesktop.resolve1');
  bus.own('org.freedesktop.hostname1', (_call, answer) => answer({ ok: true, values: [] }));
  using resolution = nameResolution({ bus, onReturn: () => undefined });
  const [links, host] = resolution.run([dns, name]);
  expect(await host).toMatchObject([{ call: name, result: { kind: 'done' } }]);
  bus.disconnect();
  expect(await links).toMatchObject([{ call: dns, result: { error: 'netevd.Disconnected' } }]);
  expect(resolution.run([])).toEqual([]);
});

test('a dry run logs the calls and makes none', async () => {
  const said: string[] = [];
  using resolution = dryNameResolution((command) => said.push(command));
  const ended = await Promise.all(resolution.run([dns, name]));
  expect(said).toEqual(['resolvectl dns eth0 192.0.2.53', 'hostnamectl hostname --transient printer']);
  expect(ended.flat().map(({ result }) => result.kind)).toEqual(['done', 'done']);
});
