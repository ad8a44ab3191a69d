import { describe, expect, test } from 'bun:test';
import { ifIndex } from '../../core/model/ids.ts';
import { RoutingBench } from '../../testing/routing-bench.ts';
import { foreignLines, ownLines, routeOf } from '../../testing/routing-text.ts';
import type { CommandIo } from '../render/output.ts';
import { type FlushParts, runFlushCommand } from './flush-command.ts';

/** eth1 with rules and routes of netevd, and some of another program beside them. */
function machine(): RoutingBench {
  const bench = new RoutingBench();
  bench.kernel.addLink('eth0');
  const eth1 = bench.kernel.addLink('eth1');
  bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
  bench.kernel.addAddress({ link: eth1, address: '2001:db8:1::5', prefixLength: 64 });
  bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 7 }));
  bench.reconcile();
  bench.kernel.addRoute(routeOf({ to: '10.77.0.0/16', via: '10.0.0.9', dev: ifIndex(3), table: 203 }));
  const [rule] = bench.kernel.rules.filter(({ priority }) => priority === 30_002);
  if (rule !== undefined) bench.kernel.addRule({ ...rule, protocol: 4 });
  return bench;
}

const partsOf = (bench: RoutingBench, over: Partial<FlushParts> = {}): FlushParts => ({
  dumpKernel: () => Promise.resolve(bench.kernel.snapshot()),
  changeRouting: (effects) =>
    Promise.resolve(effects.map((effect) => ({ effect, result: bench.kernel.apply(effect) }))),
  settle: () => Promise.resolve(),
  ...over,
});

async function flush(
  parts: FlushParts,
): Promise<{ readonly code: number; readonly value: Record<string, unknown> }> {
  const out: string[] = [];
  const io: CommandIo = {
    stdout: { write: (text) => void out.push(text) },
    stderr: { write: () => undefined },
    isTerminal: false,
    env: {},
  };
  const code = await runFlushCommand({ format: 'json' }, io, parts);
  return { code, value: JSON.parse(out.join('')) };
}

describe('netevd routing flush', () => {
  test('removes what bears the protocol number of netevd, and nothing else', async () => {
    const bench = machine();
    const others = foreignLines(bench.kernel);
    const { code, value } = await flush(partsOf(bench));
    expect({ code, value }).toEqual({ code: 0, value: { rules: 8, routes: 3, left: [], refused: [] } });
    expect(ownLines(bench.kernel)).toEqual([]);
    expect(foreignLines(bench.kernel)).toEqual(others);
  });

  test('removes rules before the routes that they look up', async () => {
    const bench = machine();
    const kinds: string[] = [];
    const parts = partsOf(bench);
    const changeRouting: FlushParts['changeRouting'] = (effects) => {
      kinds.push(...effects.map(({ kind }) => kind));
      return parts.changeRouting(effects);
    };
    await flush({ ...parts, changeRouting });
    expect(kinds.lastIndexOf('removeRule')).toBeLessThan(kinds.indexOf('removeRoute'));
  });

  test('has nothing to do a second time', async () => {
    const bench = machine();
    await flush(partsOf(bench));
    expect(await flush(partsOf(bench))).toEqual({
      code: 0,
      value: { rules: 0, routes: 0, left: [], refused: [] },
    });
  });

  test('removes each of several equal rules', async () => {
    const bench = machine();
    const [rule] = bench.kernel.rules.filter(({ protocol }) => protocol === 157);
    if (rule === undefined) throw new Error('no rule');
    bench.kernel.rules.push(rule);
    const { value } = await flush(
      partsOf(bench, {
        changeRouting: (effects) => {
          for (const effect of effects) {
            if (effect.kind !== 'removeRule') bench.kernel.apply(effect);
            else bench.kernel.rules.splice(bench.kernel.rules.indexOf(effect.rule), 1);
          }
          return Promise.resolve(effects.map((effect) => ({ effect, result: { kind: 'done' as const } })));
        },
      }),
    );
    expect(value).toMatchObject({ rules: 9, left: [] });
  });

  test('reports what a running daemon restores', async () => {
    const bench = machine();
    const settle = (): Promise<void> => Promise.resolve(bench.reconcile());
    const { code, value } = await flush(partsOf(bench, { settle }));
    expect(code).toBe(1);
    expect(value['left']).toHaveLength(11);
  });

  test('reports what the kernel refuses', async () => {
    const bench = machine();
    const { code, value } = await flush(
      partsOf(bench, {
        changeRouting: (effects) =>
          Promise.resolve(effects.map((effect) => ({ effect, result: { kind: 'failed', code: 'EPERM' } }))),
      }),
    );
    expect({ code, refused: value['refused'] }).toEqual({ code: 1, refused: ['EPERM'] });
  });
});
