/** A machine with the routes of a routing daemon: what nobody asks for is passed over. */
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { type DaemonUnderTest, Site } from './daemon-under-test.ts';
import { Cable, ip } from './links.ts';

const count = 2000;

/** Routes of BIRD's over a link, by one call of ip(8). */
function routes(verb: 'add' | 'replace', metric: number): void {
  const lines = Array.from(
    { length: count },
    (_, i) => `route ${verb} 11.${i >> 8}.${i & 255}.0/24 via 192.0.2.1 dev eth0 metric ${metric} proto bird`,
  );
  const { exitCode, stderr } = Bun.spawnSync(['ip', '-batch', '-'], { stdin: Buffer.from(lines.join('\n')) });
  if (exitCode !== 0) throw new Error(stderr.toString());
}

interface Diagnostics {
  readonly kernel: { readonly routes: number; readonly passedOver: number };
}

let files = 0;
async function diagnostics(site: Site, daemon: DaemonUnderTest): Promise<Diagnostics['kernel']> {
  daemon.signal('SIGUSR2');
  files++;
  await waitUntil('diagnostics', () => daemon.lines({ component: 'diagnostics' }).length >= files);
  const text = readFileSync(join(site.runtime, 'diagnostics.json'), 'utf8');
  return (JSON.parse(text) as Diagnostics).kernel;
}

test('routes of a routing daemon are counted and not kept, unless a hook asks for them, who then hears what changes', async () => {
  using site = new Site();
  using cable = new Cable('eth0', 1);
  cable.up();
  await cable.carrier('on');
  ip('addr add 192.0.2.10/24 dev eth0');
  routes('add', 10);
  await using daemon = await site.start({ config: { hooks: { directory: site.hooks, on_start: 'never' } } });
  const first = await diagnostics(site, daemon);
  expect(first.routes).toBeLessThan(20);
  expect(first.passedOver).toBeGreaterThanOrEqual(count);
  routes('add', 20);
  await waitUntil('the messages', async () => (await diagnostics(site, daemon)).passedOver >= 2 * count);
  expect((await diagnostics(site, daemon)).routes).toBeLessThan(20);
  site.record('routes');
  ip('route add 198.51.100.0/24 via 192.0.2.1 dev eth0 proto static');
  await waitUntil('the hook', () => site.told().length > 0);
  await waitUntil('all routes', async () => (await diagnostics(site, daemon)).routes >= 2 * count);
  ip('route del 11.0.7.0/24 metric 10');
  await waitUntil('the second event', () => site.told().length > 1);
  await daemon.idle();
  expect(site.told()).toEqual(['eth0 routes', 'eth0 routes']);
});
