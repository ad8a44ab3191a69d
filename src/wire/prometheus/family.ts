/** The values of a metric and its series: Prometheus' data model, "Metric types". */

interface FamilyDescription {
  readonly name: string;
  /** One line of text that names the unit. */
  readonly help: string;
  /** Label names, in the order of each series' `values`. */
  readonly labels: readonly string[];
}

/** One time series: the values of its labels, and its present value. */
export interface SingleSeries {
  readonly values: readonly string[];
  readonly value: number;
}

export interface SingleFamily extends FamilyDescription {
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

export interface HistogramFamily extends FamilyDescription {
  readonly type: 'histogram';
  /** Upper bounds, inclusive, ascending, without +Inf. */
  readonly bounds: readonly number[];
  readonly series: Iterable<HistogramSeries>;
}

export type MetricFamily = SingleFamily | HistogramFamily;
