/** Output of commands: where it goes, in which format, and with which colours. */
import { stringify } from 'yaml';

export interface CommandIo {
  readonly stdout: { write(text: string): void };
  readonly stderr: { write(text: string): void };
  /** Whether stdout is a terminal. */
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** `--format`. */
export const outputFormats = ['text', 'table', 'json', 'yaml'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** One result in every format: JSON and YAML print `value` and nothing else. */
export interface Presentation {
  readonly value: unknown;
  text(paint: Paint): string;
  table(paint: Paint): string;
}

/** Prints a result in this format. */
export function present(io: CommandIo, format: OutputFormat, what: Presentation): void {
  io.stdout.write(ensureNewline(render(io, format, what)));
}

function render(io: CommandIo, format: OutputFormat, what: Presentation): string {
  switch (format) {
    case 'json':
      return JSON.stringify(what.value, null, 2);
    case 'yaml':
      return stringify(what.value);
    case 'table':
      return what.table(paintFor(io));
    case 'text':
      return what.text(paintFor(io));
  }
}

const ensureNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** Colours, or plain text. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

const plain: Paint = {
  bold: (text) => text,
  dim: (text) => text,
  good: (text) => text,
  bad: (text) => text,
  warn: (text) => text,
};

const sgr =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;

const colours: Paint = { bold: sgr(1), dim: sgr(2), good: sgr(32), bad: sgr(31), warn: sgr(33) };

/** Colours on a terminal that supports them, unless `NO_COLOR` is set (no-color.org). */
function paintFor(io: CommandIo): Paint {
  const wanted = io.isTerminal && !io.env['NO_COLOR'] && io.env['TERM'] !== 'dumb';
  return wanted ? colours : plain;
}

/** Columns of plain text, two spaces apart; the last one is not padded. Escape sequences have no width. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => pad(cell, widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what has no width
const escapes = /\u001b\[[0-9;]*m/g;
const widthOf = (cell: string): number => Array.from(cell.replaceAll(escapes, '')).length;
const pad = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - widthOf(cell)));
