import { describe, expect, test } from 'bun:test';
import { CollectingEngine } from '../../testing/collecting-engine.ts';
import { samplePolicy } from '../../testing/routing-bench.ts';
import { sampleEnginePolicy } from '../../testing/sample-policy.ts';
import { sampleLinkObject } from '../../testing/sample-state.ts';
import type { Moment } from '../engine-options.ts';
import type { Fact } from '../model/fact.ts';
import { instant, timestamp } from '../model/ids.ts';
import { auditInterval, planAudit } from './audit.ts';

const at = (now: number): Moment => ({ now: instant(now), wall: timestamp(now) });
const read: Fact = {
  kind: 'kernelRead',
  snapshot: { links: [sampleLinkObject()], drivers: new Map(), addresses: [], routes: [], rules: [] },
};

test.each([
  ['nothing to look after', undefined, false, { isDue: false, nextAt: undefined }],
  ['nothing to look after any more', 5, false, { isDue: false, nextAt: undefined }],
  ['the first time', undefined, true, { isDue: false, nextAt: 1000 + auditInterval }],
  ['not yet', 1001, true, { isDue: false, nextAt: 1001 }],
  ['now', 1000, true, { isDue: true, nextAt: 1000 + auditInterval }],
])('%s', (_, dueAt, isNeeded, expected) => {
  const plan = planAudit(dueAt === undefined ? undefined : instant(dueAt), isNeeded, instant(1000));
  expect(plan as unknown).toEqual(expected);
});

describe('the engine', () => {
  const engineFor = (links: readonly string[]): CollectingEngine =>
    new CollectingEngine({
      policy: sampleEnginePolicy({ routing: samplePolicy({ links }) }),
    });

  test('reads everything again when the time has come, and not before', () => {
    const engine = engineFor(['eth7']);
    engine.observe([read], at(0));
    const kinds = (now: number): string[] =>
      engine.wake(at(now)).flatMap((effect) => (effect.kind === 'readKernel' ? [effect.request.kind] : []));
    expect(kinds(auditInterval - 1)).toEqual([]);
    expect(engine.nextWakeAt()).toBe(instant(auditInterval));
    expect(kinds(auditInterval)).toEqual(['everything']);
    engine.observe([read], at(auditInterval + 1));
    expect(kinds(2 * auditInterval - 1)).toEqual([]);
    expect(kinds(2 * auditInterval)).toEqual(['everything']);
  });

  test('does not where no link has a table of its own', () => {
    const engine = engineFor([]);
    engine.observe([read], at(0));
    expect(engine.wake(at(10 * auditInterval)).filter(({ kind }) => kind === 'readKernel')).toEqual([]);
  });
});
