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
  ['no links of policy routing', undefined, false, { isDue: false, nextAt: undefined }],
  ['no more links of policy routing', 5, false, { isDue: false, nextAt: undefined }],
  ['the first call', undefined, true, { isDue: false, nextAt: 1000 + auditInterval }],
  ['before the time', 1001, true, { isDue: false, nextAt: 1001 }],
  ['at the time', 1000, true, { isDue: true, nextAt: 1000 + auditInterval }],
])('planAudit plans the expected audit: %s', (_, dueAt, isNeeded, expected) => {
  const plan = planAudit(dueAt === undefined ? undefined : instant(dueAt), isNeeded, instant(1000));
  expect(plan as unknown).toEqual(expected);
});

describe('audits of the engine', () => {
  const engineFor = (links: readonly string[]): CollectingEngine =>
    new CollectingEngine({
      policy: sampleEnginePolicy({ routing: samplePolicy({ links }) }),
    });

  test('the engine dumps everything at each audit and not before', () => {
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

  test('the engine does not audit without links of policy routing', () => {
    const engine = engineFor([]);
    engine.observe([read], at(0));
    expect(engine.wake(at(10 * auditInterval)).filter(({ kind }) => kind === 'readKernel')).toEqual([]);
  });
});
