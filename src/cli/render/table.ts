/** Tables: one column definition serves text, `--fields` and JSON. Pure. */
import { nearest } from '../../core/model/nearest.ts';
import { cutTo, padTo, type Screen, widthOf } from './screen.ts';

/** One column of a table over items of type `T`. */
export interface Column<T> {
  /** Name for `--fields`: the key in the JSON value. */
  readonly key: string;
  readonly title: string;
  /** `screen` for colours; text must have no line breaks. */
  cell(item: T, screen: Screen): string;
  readonly align?: 'right';
  /** Left out if the terminal is too narrow; the lowest number first. Absent: stays. */
  readonly dropOrder?: number;
  /** May be cut with `…` after all others were left out. Its cells have no colours. */
  readonly canCut?: true;
  /** Shown only if `--fields` names it. */
  readonly onRequest?: true;
}

export interface TableOptions {
  /** Keys of the columns, in their order; absent: all that are not on request. */
  readonly fields?: readonly string[] | undefined;
  /** Whether the titles are shown. */
  readonly header: boolean;
}

/** A table, and the keys of the columns that did not fit. */
export interface RenderedTable {
  readonly text: string;
  readonly dropped: readonly string[];
}

const gap = '  ';

/** Draws items; requested fields are never left out. */
export function renderTable<T>(
  columns: readonly Column<T>[],
  items: readonly T[],
  { fields, header }: TableOptions,
  screen: Screen,
): RenderedTable {
  const wanted = selectColumns(columns, fields);
  const drawn = wanted.map((column) => drawColumn(column, items, header, screen));
  const dropped = fields === undefined ? tooWide(drawn, screen.width) : new Set<string>();
  const shown = cutToFit(
    drawn.filter(({ column }) => !dropped.has(column.key)),
    screen.width,
  );
  const height = items.length + (header ? 1 : 0);
  const lines = Array.from({ length: height }, (_, row) =>
    shown
      .map(({ cells, width, column }) => align(cells[row] ?? '', width, column.align === 'right'))
      .join(gap)
      .trimEnd(),
  );
  return { text: lines.join('\n'), dropped: [...dropped] };
}

interface DrawnColumn<T> {
  readonly column: Column<T>;
  readonly cells: readonly string[];
  readonly width: number;
}

function drawColumn<T>(
  column: Column<T>,
  items: readonly T[],
  header: boolean,
  screen: Screen,
): DrawnColumn<T> {
  const title = header ? [screen.paint.bold(column.title)] : [];
  const cells = [...title, ...items.map((item) => column.cell(item, screen))];
  return { column, cells, width: Math.max(0, ...cells.map(widthOf)) };
}

const totalWidth = (columns: readonly { readonly width: number }[]): number =>
  columns.reduce((sum, { width }) => sum + width + gap.length, -gap.length);

/** Columns to leave out, so that the others fit. */
function tooWide<T>(drawn: readonly DrawnColumn<T>[], width: number): Set<string> {
  const dropped = new Set<string>();
  const candidates = drawn
    .filter(({ column }) => column.dropOrder !== undefined)
    .sort((a, b) => (a.column.dropOrder ?? 0) - (b.column.dropOrder ?? 0));
  for (const { column } of candidates) {
    if (totalWidth(drawn.filter((one) => !dropped.has(one.column.key))) <= width) break;
    dropped.add(column.key);
  }
  return dropped;
}

/** Narrowest that a column is cut to. */
const minCut = 8;

/** Cuts what can be cut, the last column first. */
function cutToFit<T>(drawn: readonly DrawnColumn<T>[], width: number): readonly DrawnColumn<T>[] {
  let excess = totalWidth(drawn) - width;
  const fitted = [...drawn];
  for (let at = fitted.length - 1; at >= 0 && excess > 0; at--) {
    const one = fitted[at];
    if (one?.column.canCut === undefined) continue;
    const target = Math.max(minCut, one.width - excess);
    if (target >= one.width) continue;
    excess -= one.width - target;
    const cells = one.cells.map((cell) => (widthOf(cell) > target ? cutTo(cell, target) : cell));
    fitted[at] = { ...one, cells, width: target };
  }
  return fitted;
}

const align = (cell: string, width: number, right: boolean): string =>
  right ? ' '.repeat(Math.max(0, width - widthOf(cell))) + cell : padTo(cell, width);

function selectColumns<T>(
  columns: readonly Column<T>[],
  fields: readonly string[] | undefined,
): readonly Column<T>[] {
  if (fields === undefined) return columns.filter(({ onRequest }) => onRequest === undefined);
  return fields.flatMap((field) => columns.filter(({ key }) => key === field));
}

/** The error if a field of `--fields` is not one of `keys`. */
export function fieldProblem(
  fields: readonly string[] | undefined,
  keys: readonly string[],
): string | undefined {
  const unknown = fields?.find((field) => !keys.includes(field));
  if (unknown === undefined) return undefined;
  const near = nearest(unknown, keys);
  const hint = near === undefined ? '' : `did you mean '${near}'? `;
  return `there is no field '${unknown}': ${hint}fields are ${keys.join(', ')}`;
}

/** The keys of `value` that `--fields` names, in that order; all without it. */
export function pickFields(value: object, fields: readonly string[] | undefined): object {
  if (fields === undefined) return value;
  const entries = new Map<string, unknown>(Object.entries(value));
  return Object.fromEntries(fields.map((field) => [field, entries.get(field) ?? null]));
}
