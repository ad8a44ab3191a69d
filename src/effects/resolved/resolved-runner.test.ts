import { describe, expect, test } from 'bun:test';
import { parseIp } from '../../core/model/address.ts';
import { generation, ifIndex } from '../../core/model/ids.ts';
import { type LinkService, type LinkTarget, laneOf } from '../../core/resolver/call.ts';
import { FakeBus } from '../../testing/fake-bus.ts';
import type { LinkCall } from './messages.ts';
import { ResolvedRunner } from './resolved-runner.ts';

const link = (service: LinkService, index = 5): LinkTarget => ({
  service,
  index: ifIndex(index),
  generation: generation(1),
  name: `eth${index}`,
});
const ip = (text: string) => parseIp(text) ?? expect.unreachable();
const dns: LinkCall = {
  kind: 'setLinkDns',
  link: link('resolve1'),
  servers: [ip('192.0.2.1'), ip('2001:db8::1')],
};
const domains: LinkCall = { kind: 'setLinkDomains', link: link('resolve1'), domains: ['a.example'] };

describe('ResolvedRunner', () => {
  const rows: [call: LinkCall, destination: string, member: string, signature: string, values: unknown[]][] =
    [
      [
        dns,
        'org.freedesktop.resolve1',
        'SetLinkDNS',
        'ia(iay)',
        [
          5,
          [
            [2, new Uint8Array([192, 0, 2, 1])],
            [10, new Uint8Array([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])],
          ],
        ],
      ],
      [domains, 'org.freedesktop.resolve1', 'SetLinkDomains', 'ia(sb)', [5, [['a.example', false]]]],
      [{ kind: 'revertLink', link: link('resolve1') }, 'org.freedesktop.resolve1', 'RevertLink', 'i', [5]],
      [
        { ...dns, link: link('network1'), servers: [] },
        'org.freedesktop.network1',
        'SetLinkDNS',
        'ia(iay)',
        [5, []],
      ],
      [{ kind: 'revertLink', link: link('network1') }, 'org.freedesktop.network1', 'RevertLinkDNS', 'i', [5]],
    ];
  test.each(rows)('sends %j to %s as %s', async (call, destination, member, signature, values) => {
    const bus = new FakeBus();
    bus.own(destination, (_call, answer) => answer({ ok: true, values: [] }));
    const runner = new ResolvedRunner({ bus, onReturn: () => undefined });
    expect(await runner.run([call])).toEqual([{ call, result: { kind: 'done' } }]);
    expect(bus.calls).toEqual([
      {
        destination,
        path: `/${destination.replaceAll('.', '/')}`,
        interface: `${destination}.Manager`,
        member,
        body: { signature, values } as never,
        mayStartService: destination.endsWith('resolve1'),
      },
    ]);
  });

  test('makes the calls of a link in order up to the first failure, links in parallel', async () => {
    const bus = new FakeBus();
    const order: string[] = [];
    const late: (() => void)[] = [];
    bus.own('org.freedesktop.resolve1', (call, answer) => {
      const index = Number(call.body?.values[0]);
      order.push(`${index} ${call.member}`);
      if (index === 5) answer({ ok: false, name: 'org.freedesktop.resolve1.LinkBusy', message: 'busy' });
      else late.push(() => answer({ ok: true, values: [] }));
    });
    const runner = new ResolvedRunner({ bus, onReturn: () => undefined });
    const six = link('resolve1', 6);
    const running = runner.run([dns, domains, { ...dns, link: six }, { ...domains, link: six }]);
    late.shift()?.();
    await Promise.resolve();
    await Promise.resolve();
    late.shift()?.();
    const outcomes = await running;
    expect(order).toEqual(['5 SetLinkDNS', '6 SetLinkDNS', '6 SetLinkDomains']);
    expect(outcomes.map(({ call, result }) => [laneOf(call), call.kind, result.kind])).toEqual([
      ['5.1', 'setLinkDns', 'failed'],
      ['6.1', 'setLinkDns', 'done'],
      ['6.1', 'setLinkDomains', 'done'],
    ]);
    expect(outcomes[0]?.result).toEqual({
      kind: 'failed',
      error: 'org.freedesktop.resolve1.LinkBusy',
      text: 'busy',
    });
  });
});

describe('onReturn of ResolvedRunner', () => {
  const build = (): { bus: FakeBus; returned: LinkService[]; runner: ResolvedRunner } => {
    const bus = new FakeBus();
    const returned: LinkService[] = [];
    return {
      bus,
      returned,
      runner: new ResolvedRunner({ bus, onReturn: (service) => returned.push(service) }),
    };
  };

  test('is called for a service that was absent, and not for one that was present', async () => {
    const { bus, returned, runner } = build();
    bus.own('org.freedesktop.resolve1', (_call, answer) => answer({ ok: true, values: [] }));
    await runner.run([dns]);
    expect(returned).toEqual([]);
    bus.own('org.freedesktop.resolve1');
    expect(returned).toEqual(['resolve1']);
    bus.own('org.freedesktop.network1');
    expect(returned).toEqual(['resolve1', 'network1']);
  });

  test('is called for a service that returns with the bus', async () => {
    const { bus, returned, runner } = build();
    bus.own('org.freedesktop.resolve1');
    bus.disconnect();
    expect(await runner.run([dns])).toMatchObject([{ result: { error: 'netevd.Disconnected' } }]);
    bus.connect();
    expect(returned).toEqual(['resolve1']);
  });

  test('is not called after the disposal', async () => {
    const { bus, returned, runner } = build();
    await runner.run([dns]);
    runner[Symbol.dispose]();
    bus.own('org.freedesktop.resolve1');
    expect(returned).toEqual([]);
  });
});
