/** Metrics that parts of the daemon count and measure; how they are exported is up to the registry. */
import type { HistogramSeries, MetricFamily, SingleSeries } from '../wire/prometheus/family.ts';

export type { HistogramSeries, MetricFamily, SingleSeries };

export interface CounterDefinition {
  readonly type: 'counter';
  /** One sentence; names the unit. */
  readonly help: string;
  readonly labels: readonly string[];
}

export interface GaugeDefinition {
  readonly type: 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
}

export interface HistogramDefinition {
  readonly type: 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, inclusive, ascending, without +Inf. */
  readonly buckets: readonly number[];
}

export type MetricDefinition = CounterDefinition | GaugeDefinition | HistogramDefinition;

/** One value for each label, in the definition's order. */
export type LabelValues<Labels extends readonly string[]> = { readonly [Index in keyof Labels]: string };

/** Only grows. A series that was prepared is exported as 0 until it is counted. */
export interface Counter<Labels extends readonly string[]> {
  /** `by` is not negative. */
  add(values: LabelValues<Labels>, by?: number): void;
  /** For a counter that another program keeps, such as the kernel's CPU time. A lower `total` is ignored. */
  raiseTo(values: LabelValues<Labels>, total: number): void;
  prepare(values: LabelValues<Labels>): void;
}

/** Goes up and down. */
export interface Gauge<Labels extends readonly string[]> {
  set(values: LabelValues<Labels>, value: number): void;
  /** Drops every series, for a gauge that is filled again with each scrape. */
  clear(): void;
  /**
   * Sets the series of the next scrape, in place of all that were set. They are computed during the scrape, never stored.
   */
  present(series: Iterable<SingleSeries>): void;
}

/** Counts observations by size. */
export interface Histogram<Labels extends readonly string[]> {
  observe(values: LabelValues<Labels>, value: number): void;
  prepare(values: LabelValues<Labels>): void;
}
