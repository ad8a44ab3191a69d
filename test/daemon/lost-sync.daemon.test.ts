/** A daemon that is stopped in a storm: what it missed is found again, reported once, and marked. */
import { describe, expect, test } from 'bun:test';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { type DaemonUnderTest, type Recorded, Site } from './daemon-under-test.ts';
import { Cable, ip, ipBatch } from './links.ts';
import { asShownByIp, asToldBy, diagnosticsOf } from './network-as-told.ts';

interface Told {
  readonly event: string;
  readonly resync: boolean;
  readonly changed_addresses: readonly string[] | null;
}
const told = (records: readonly Recorded[]): Told[] => records.map(({ stdin }) => JSON.parse(stdin) as Told);
const wordsOf = (records: readonly Recorded[]): string[] =>
  told(records).map(({ event, resync, changed_addresses: changed }) =>
    [event, ...(changed ?? []).toSorted(byText), resync ? 'resync' : ''].filter(Boolean).join(' '),
  );
const byText = (a: string, b: string): number => (a < b ? -1 : 1);

/** More messages than any buffer that the daemon may have been granted: routes that come and go. */
function flood(count: number): void {
  const prefix = (i: number): string =>
    `10.${Math.floor(i / 65536)}.${Math.floor(i / 256) % 256}.${i % 256}/32`;
  for (const verb of ['add', 'del']) {
    ipBatch(Array.from({ length: count }, (_, i) => `route ${verb} ${prefix(i)} dev base0`));
  }
}

async function equalsTheKernel(site: Site, daemon: DaemonUnderTest): Promise<void> {
  const isEqual = async (): Promise<boolean> =>
    Bun.deepEquals(asToldBy(await diagnosticsOf(site, daemon)), asShownByIp());
  await waitUntil('the same as the kernel', isEqual).catch(() => undefined);
  expect(asToldBy(await diagnosticsOf(site, daemon))).toEqual(asShownByIp());
}

describe('a daemon that is stopped for a while', () => {
  test('messages that the buffer kept are processed one by one afterwards', async () => {
    using site = new Site();
    site.record('carrier', 'no-carrier', 'address-added', 'address-removed');
    using cable = new Cable('eth0', 1);
    ip('link set eth0 addrgenmode none');
    cable.up();
    await cable.carrier('on');
    await using daemon = await site.start({
      config: { hooks: { directory: site.hooks, on_start: 'never' } },
    });
    daemon.signal('SIGSTOP');
    await cable.carrier('off');
    await cable.carrier('on');
    ip('addr add 192.0.2.1/24 dev eth0');
    ip('addr del 192.0.2.1/24 dev eth0');
    await cable.carrier('off');
    daemon.signal('SIGCONT');
    await waitUntil('all of it', () => site.recorded().length >= 6);
    expect(wordsOf(site.recorded())).toEqual([
      'no-carrier',
      'carrier',
      'address-added 192.0.2.1',
      // It was routable in between.
      'carrier',
      'address-removed 192.0.2.1',
      'no-carrier',
    ]);
    await equalsTheKernel(site, daemon);
  });

  test('after lost messages the net difference is reported once and marked', async () => {
    using site = new Site();
    site.record(
      'carrier',
      'no-carrier',
      'address-added',
      'address-removed',
      'mtu',
      'link-added',
      'link-removed',
    );
    using cable = new Cable('eth0', 2);
    using base = new Cable('base0', 3);
    for (const each of [cable, base]) {
      ip(`link set ${each.name} addrgenmode none`);
      each.up();
      await each.carrier('on');
    }
    ip('addr add 192.0.2.1/32 dev eth0');
    ip('link add gone0 index 1010 type ifb');
    await using daemon = await site.start({
      config: { hooks: { directory: site.hooks, on_start: 'never' } },
    });
    daemon.signal('SIGSTOP');
    // The first messages in the buffer arrive; those after the flood are lost.
    flood(20_000);
    ipBatch([
      'addr add 192.0.2.2/32 dev eth0',
      'addr add 192.0.2.3/32 dev eth0',
      'addr del 192.0.2.2/32 dev eth0',
      'addr add 192.0.2.4/32 dev eth0',
      'addr del 192.0.2.4/32 dev eth0',
      'addr add 192.0.2.4/32 dev eth0',
      'addr del 192.0.2.1/32 dev eth0',
      'link set eth0 mtu 1400',
      'link set eth0 mtu 1300',
      'link del gone0',
      'link add come0 index 1011 type ifb',
    ]);
    await cable.carrier('off');
    await cable.carrier('on');
    daemon.signal('SIGCONT');
    await daemon.logged({ messageId: 'syncLost', backend: 'kernel' });
    await equalsTheKernel(site, daemon);
    await daemon.idle();
    expect(wordsOf(site.recorded()).toSorted(byText)).toEqual([
      'address-added 192.0.2.3 192.0.2.4 resync',
      'address-removed 192.0.2.1 resync',
      'link-added resync',
      'link-removed resync',
      'mtu resync',
    ]);
    const lines = daemon.log.filter(({ resync }) => resync === true);
    expect(lines.map(({ message }) => message)).toContain('eth0: MTU 1500 → 1300');
  });

  test('repeated losses in a continuing storm end with the correct state', async () => {
    using site = new Site();
    using base = new Cable('base0', 4);
    ip('link set base0 addrgenmode none');
    base.up();
    await base.carrier('on');
    await using daemon = await site.start({
      config: { hooks: { directory: site.hooks, on_start: 'never' } },
    });
    for (let round = 0; round < 3; round++) {
      daemon.signal('SIGSTOP');
      flood(12_000);
      daemon.signal('SIGCONT');
      flood(3_000);
      ipBatch([`addr add 198.51.100.${round + 1}/24 dev base0`, `route add 203.0.113.${round}/32 dev base0`]);
      await equalsTheKernel(site, daemon);
    }
    const { kernel } = await diagnosticsOf(site, daemon);
    expect(kernel.socket.overruns).toBeGreaterThan(2);
    expect(kernel).toMatchObject({ freshness: 'current', invalidations: {} });
  }, 120_000);
});
