import { expect, test } from 'bun:test';
import { RoutingBench } from '../../testing/routing-bench.ts';
import { routeOf } from '../../testing/routing-text.ts';
import { DryRouteRunner } from './dry-run.ts';

test('DryRouteRunner logs each command once, in order, and changes nothing', async () => {
  const bench = new RoutingBench();
  const eth1 = bench.kernel.addLink('eth1', { index: 3 as never });
  bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
  bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 7 }));
  bench.read();
  const logged: string[] = [];
  const runner = new DryRouteRunner(
    (command) => logged.push(command),
    (index) => `eth${index - 2}`,
  );
  const planned = bench.step(0);
  for (let i = 0; i < 2; i++) {
    const outcomes = await runner.run(planned);
    expect(outcomes.every(({ result }) => result.kind === 'failed' && result.code === 'ECANCELED')).toBe(
      true,
    );
  }
  expect(logged).toEqual([
    'ip -4 route add 10.0.0.0/24 dev eth1 table 203 protocol netevd',
    'ip -4 route add default via 10.0.0.1 dev eth1 table 203 protocol netevd',
    'ip -4 rule add priority 30000 from 10.0.0.5 lookup 203 suppress_prefixlength 7 protocol netevd',
    'ip -4 rule add priority 30001 from 10.0.0.5 lookup main suppress_prefixlength 7 protocol netevd',
    'ip -4 rule add priority 30002 from 10.0.0.5 lookup 203 protocol netevd',
    'ip -4 rule add priority 30003 from all to 10.0.0.5 lookup 203 protocol netevd',
  ]);
});
