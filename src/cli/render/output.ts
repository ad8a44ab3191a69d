/** What every command needs to write: where, in which format, how wide, with colours or without. */
import { stringify } from 'yaml';
import { colourPaint, type Paint, plainPaint } from './paint.ts';
import { padTo, type Screen, widthOf } from './screen.ts';

export type { Paint } from './paint.ts';

/** `--color`. */
export const colourChoices = ['auto', 'always', 'never'] as const;
export type ColourChoice = (typeof colourChoices)[number];

export interface CommandIo {
  readonly stdout: { write(text: string): void };
  readonly stderr: { write(text: string): void };
  /** Whether stdout is a terminal. */
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Columns of the terminal; 80 if unknown. */
  readonly columns?: number | undefined;
  /** `auto` if absent. */
  readonly colour?: ColourChoice;
}

/** `--format`. */
export const outputFormats = ['text', 'table', 'json', 'yaml'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** One result in every format: `value` is what JSON and YAML print, and nothing else is printed with it. */
export interface Presentation {
  readonly value: unknown;
  text(paint: Paint, screen: Screen): string;
  table(paint: Paint, screen: Screen): string;
}

/** Prints a result in the requested format. */
export function present(io: CommandIo, format: OutputFormat, what: Presentation): void {
  io.stdout.write(ensureNewline(render(io, format, what)));
}

function render(io: CommandIo, format: OutputFormat, what: Presentation): string {
  const screen = screenOf(io);
  switch (format) {
    case 'json':
      return JSON.stringify(what.value, null, 2);
    case 'yaml':
      return stringify(what.value);
    case 'table':
      return what.table(screen.paint, screen);
    case 'text':
      return what.text(screen.paint, screen);
  }
}

const ensureNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** Narrower terminals are treated as this wide. */
const minWidth = 40;

/** The screen that stdout is. */
export const screenOf = (io: CommandIo): Screen => ({
  paint: paintFor(io),
  width: io.isTerminal ? Math.max(minWidth, io.columns ?? 80) : Infinity,
});

/** `auto`: on a terminal that can show colours, unless `NO_COLOR` is set (no-color.org). */
function paintFor({ isTerminal, env, colour = 'auto' }: CommandIo): Paint {
  if (colour !== 'auto') return colour === 'always' ? colourPaint : plainPaint;
  const wanted = isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return wanted ? colourPaint : plainPaint;
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
        .map((cell, i) => padTo(cell, widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
