/**
 * Counters, gauges and histograms with their series. The catalogue names them, `wire/prometheus` encodes
 * them.
 */
import type {
  Counter,
  CounterDefinition,
  Gauge,
  GaugeDefinition,
  Histogram,
  HistogramDefinition,
  HistogramSeries,
  MetricDefinition,
  MetricFamily,
  SingleSeries,
} from '../../ports/metrics.ts';
import { SeriesTree } from './series-tree.ts';

type Values = readonly string[];

type Table = Readonly<Record<string, MetricDefinition>>;
type NameOf<Metrics extends Table, Type> = {
  [Name in keyof Metrics]: Metrics[Name]['type'] extends Type ? Name : never;
}[keyof Metrics] &
  string;

/** Label values of the series that counts everything beyond a metric's limit. */
export const overflow = 'other';

/** A second limit, after that of the label values. A thousand links with nine states each fit. */
const defaultLimit = 10_000;

export interface RegistryOptions {
  /** Maximum number of series per metric; further ones share one series, whose labels are all `other`. */
  readonly limit?: number;
  /** Labels with many values. */
  readonly wideLabels?: readonly string[];
}

/** The metrics of one table. The compiler checks metric and label names against the table. */
export class MetricsRegistry<Metrics extends Table> {
  readonly #families = new Map<string, Single | Distribution>();

  constructor(table: Metrics, options: RegistryOptions = {}) {
    for (const [name, definition] of Object.entries(table)) {
      const family =
        definition.type === 'histogram'
          ? new Distribution(name, definition, options)
          : new Single(name, definition, options);
      // A metric without labels has its one series from the start.
      if (definition.labels.length === 0) family.prepare([]);
      this.#families.set(name, family);
    }
  }

  counter<Name extends NameOf<Metrics, 'counter'>>(name: Name): Counter<Metrics[Name]['labels']> {
    return this.#family(name) as Single;
  }

  gauge<Name extends NameOf<Metrics, 'gauge'>>(name: Name): Gauge<Metrics[Name]['labels']> {
    return this.#family(name) as Single;
  }

  histogram<Name extends NameOf<Metrics, 'histogram'>>(name: Name): Histogram<Metrics[Name]['labels']> {
    return this.#family(name) as Distribution;
  }

  /** Drops every series of any metric in which one of these labels has one of these values. */
  forget(labels: readonly string[], values: ReadonlySet<string>): void {
    for (const family of this.#families.values()) family.forget(labels, values);
  }

  /** Returns every metric in the table's order, also those without series. The series are live: read them at once. */
  families(): Iterable<MetricFamily> {
    return this.#families.values();
  }

  #family(name: string): Single | Distribution {
    const family = this.#families.get(name);
    if (family === undefined) throw new Error(`no metric ${name}`);
    return family;
  }
}

/** One metric and its series. */
abstract class Family<Leaf extends number | object> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  protected readonly tree: SeriesTree<Leaf>;
  readonly #limit: number;

  constructor(name: string, { help, labels }: MetricDefinition, options: RegistryOptions) {
    this.name = name;
    this.help = help;
    this.labels = labels;
    this.tree = new SeriesTree(labels, options.wideLabels);
    this.#limit = options.limit ?? defaultLimit;
  }

  prepare(values: Values): void {
    const place = this.placeFor(values);
    if (this.tree.get(place) === undefined) this.tree.set(place, this.zero());
  }

  clear(): void {
    this.tree.clear();
  }

  forget(labels: readonly string[], values: ReadonlySet<string>): void {
    for (const [place, label] of this.labels.entries()) {
      if (labels.includes(label)) this.tree.delete(place, values);
    }
  }

  protected abstract zero(): Leaf;

  /** Returns the label values to count under. */
  protected placeFor(values: Values): Values {
    const isFull = this.tree.size >= this.#limit && this.tree.get(values) === undefined;
    return isFull ? values.map(() => overflow) : values;
  }
}

class Single extends Family<number> {
  readonly type: 'counter' | 'gauge';
  #presented: Iterable<SingleSeries> | undefined;

  constructor(name: string, definition: CounterDefinition | GaugeDefinition, options: RegistryOptions) {
    super(name, definition, options);
    this.type = definition.type;
  }

  get series(): Iterable<SingleSeries> {
    return this.#presented ?? this.#stored();
  }

  add(values: Values, by: number = 1): void {
    if (!(by >= 0)) throw new Error(`${this.name} cannot grow by ${by}`);
    const place = this.placeFor(values);
    this.tree.set(place, (this.tree.get(place) ?? 0) + by);
  }

  raiseTo(values: Values, total: number): void {
    const place = this.placeFor(values);
    this.tree.set(place, Math.max(this.tree.get(place) ?? 0, total));
  }

  set(values: Values, value: number): void {
    this.tree.set(this.placeFor(values), value);
  }

  present(series: Iterable<SingleSeries>): void {
    this.#presented = series;
  }

  protected override zero(): number {
    return 0;
  }

  *#stored(): Generator<SingleSeries> {
    for (const [values, value] of this.tree.entries()) yield { values, value };
  }
}

interface Buckets {
  readonly counts: number[];
  sum: number;
}

class Distribution extends Family<Buckets> {
  readonly type = 'histogram';
  readonly bounds: readonly number[];

  constructor(name: string, definition: HistogramDefinition, options: RegistryOptions) {
    super(name, definition, options);
    this.bounds = definition.buckets;
  }

  get series(): Iterable<HistogramSeries> {
    return this.#stored();
  }

  observe(values: Values, value: number): void {
    const place = this.placeFor(values);
    const known = this.tree.get(place);
    const buckets = known ?? this.zero();
    if (known === undefined) this.tree.set(place, buckets);
    const bucket = this.bounds.findIndex((bound) => value <= bound);
    const index = bucket === -1 ? this.bounds.length : bucket;
    buckets.counts[index] = (buckets.counts[index] ?? 0) + 1;
    buckets.sum += value;
  }

  protected override zero(): Buckets {
    return { counts: new Array<number>(this.bounds.length + 1).fill(0), sum: 0 };
  }

  *#stored(): Generator<HistogramSeries> {
    for (const [values, { counts, sum }] of this.tree.entries()) yield { values, counts, sum };
  }
}
