/** Which of netevd's metrics a PromQL expression names. */
import { catalogue, type MetricName } from '../../src/observe/metrics/catalogue.ts';

/** Names of the catalogue, and of `up`, which Prometheus itself makes. */
export function metricsIn(expr: string): {
  readonly known: readonly string[];
  readonly unknown: readonly string[];
} {
  const names = [...new Set(expr.match(/\b(?:netevd|process)_[a-z_0-9]+|\bup\b/g) ?? [])];
  const isKnown = (name: string): boolean => name === 'up' || isExported(name);
  return { known: names.filter(isKnown), unknown: names.filter((name) => !isKnown(name)) };
}

/** A histogram is exported under three names. */
function isExported(name: string): boolean {
  if (name in catalogue) return catalogue[name as MetricName].type !== 'histogram';
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return base in catalogue && catalogue[base as MetricName].type === 'histogram';
}
