/** A policy for engines in tests: every link, no routing, no name resolution. */
import type { EnginePolicy } from '../core/engine-options.ts';
import type { DampingPolicy } from '../core/events/damping/penalty.ts';
import { millis } from '../core/model/ids.ts';
import { noResolver } from '../core/resolver/wanted-settings.ts';
import { samplePolicy } from './routing-bench.ts';

/** The defaults of the configuration: counted, and not applied. */
export const sampleDamping: DampingPolicy = {
  enabled: false,
  halfLife: millis(15_000),
  suppress: 2000,
  reuse: 750,
  maxSuppress: millis(60_000),
};

export const sampleEnginePolicy = (over: Partial<EnginePolicy> = {}): EnginePolicy => ({
  backend: 'auto',
  selection: { isMonitored: () => true },
  limits: { debounce: millis(50), maxParallel: 4, queueLimit: 256 },
  onStart: 'changed',
  damping: sampleDamping,
  online: { families: 'any', counts: () => true },
  routing: samplePolicy({ links: [] }),
  resolver: noResolver,
  ...over,
});
