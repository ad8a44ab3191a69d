/**
 * Encodes metrics in Prometheus' text format 0.0.4 (its documentation, "Exposition formats"). Native
 * histograms need the protobuf format and are not supported.
 */
import type { HistogramFamily, HistogramSeries, MetricFamily } from './family.ts';
import { TextWriter } from './text-writer.ts';

/** `Content-Type` of the result of `encodeMetrics`. */
export const metricsContentType: string = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Returns the UTF-8 text of one scrape: each family with its HELP and TYPE lines, in the given order, ending
 * with a line feed. Names of metrics and labels must be valid; help and label values may contain anything.
 */
export function encodeMetrics(families: Iterable<MetricFamily>): Uint8Array<ArrayBuffer> {
  const writer = new TextWriter();
  for (const family of families) writeFamily(writer, family);
  return writer.bytes;
}

function writeFamily(writer: TextWriter, family: MetricFamily): void {
  const { name, help, type } = family;
  writer.text(`# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`);
  if (family.type === 'histogram') {
    for (const series of family.series) writeHistogram(writer, family, series);
    return;
  }
  for (const { values, value } of family.series) {
    writer.text(name);
    writeLabels(writer, family.labels, values);
    writeValue(writer, value);
  }
}

/** Buckets are cumulative in the text, and the last one, +Inf, equals the count. */
function writeHistogram(writer: TextWriter, family: HistogramFamily, series: HistogramSeries): void {
  const { name, labels, bounds } = family;
  let count = 0;
  for (const [index, inBucket] of series.counts.entries()) {
    count += inBucket;
    writer.text(name);
    writer.text('_bucket');
    writeLabels(writer, labels, series.values, encodeNumber(bounds[index] ?? Number.POSITIVE_INFINITY));
    writeValue(writer, count);
  }
  for (const [suffix, value] of [['_sum', series.sum] as const, ['_count', count] as const]) {
    writer.text(name);
    writer.text(suffix);
    writeLabels(writer, labels, series.values);
    writeValue(writer, value);
  }
}

/** `bound` is the value of a bucket's own label, `le`. */
function writeLabels(
  writer: TextWriter,
  names: readonly string[],
  values: readonly string[],
  bound?: string,
): void {
  let separator = '{';
  for (let index = 0; index < names.length; index++) {
    writer.text(separator);
    writer.text(names[index] ?? '');
    writer.text('="');
    writer.text(escapeLabelValue(values[index] ?? ''));
    separator = '",';
  }
  if (bound !== undefined) {
    writer.text(separator);
    writer.text('le="');
    writer.text(bound);
    separator = '",';
  }
  if (separator !== '{') writer.text('"}');
}

function writeValue(writer: TextWriter, value: number): void {
  writer.text(' ');
  writer.text(encodeNumber(value));
  writer.text('\n');
}

/** Formats a number for Go's ParseFloat: as JavaScript does, except for the infinities. */
function encodeNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

/** HELP escapes backslashes and line feeds; quotes only end label values. */
const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

const needsEscape = /[\\"\n]/;

const escapeLabelValue = (text: string): string =>
  needsEscape.test(text) ? escapeHelp(text).replaceAll('"', '\\"') : text;
