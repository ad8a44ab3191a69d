/** A policy for engines in tests: every link, no routing, no name resolution. */
import type { EnginePolicy } from '../core/engine-options.ts';
import { millis } from '../core/model/ids.ts';
import { noResolver } from '../core/resolver/wanted-settings.ts';
import { samplePolicy } from './routing-bench.ts';

export const sampleEnginePolicy = (over: Partial<EnginePolicy> = {}): EnginePolicy => ({
  backend: 'auto',
  selection: { isMonitored: () => true },
  limits: { debounce: millis(50), maxParallel: 4, queueLimit: 256 },
  onStart: 'changed',
  online: { families: 'any', counts: () => true },
  routing: samplePolicy({ links: [] }),
  resolver: noResolver,
  ...over,
});
