/** A metric and its series as values, before they become text: Prometheus' data model, "Metric types". */

interface FamilyHead {
  readonly name: string;
  /** One line for people; names the unit. */
  readonly help: string;
  /** Label names, in the order of each series' `values`. */
  readonly labels: readonly string[];
}

/** One time series: the values of its labels, and its value now. */
export interface SingleSeries {
  readonly values: readonly string[];
  readonly value: number;
}

export interface SingleFamily extends FamilyHead {
  readonly type: 'counter' | 'gauge';
  readonly series: Iterable<SingleSeries>;
}

/** One distribution: how many observations fell into each bucket, and their sum. */
export interface HistogramSeries {
  readonly values: readonly string[];
  /** Observations per bucket, not cumulative; one more than there are bounds, the last above all of them. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface HistogramFamily extends FamilyHead {
  readonly type: 'histogram';
  /** Upper bounds, inclusive, ascending, without +Inf. */
  readonly bounds: readonly number[];
  readonly series: Iterable<HistogramSeries>;
}

export type MetricFamily = SingleFamily | HistogramFamily;
