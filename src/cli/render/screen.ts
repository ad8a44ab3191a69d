/** Where text is drawn: its colours, its width, and how lines are fitted to it. Pure. */
import type { Paint } from './paint.ts';

/** Widest line that text is spread over; a wider terminal would put the two ends of a line too far apart. */
const maxTextWidth = 120;

export interface Screen {
  readonly paint: Paint;
  /** Columns of the terminal; Infinity if stdout is not a terminal: nothing is cut or wrapped there. */
  readonly width: number;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what has no width
const escapes = /\u001b\[[0-9;]*m/g;

/** Columns that the text takes; escape sequences take none. */
export const widthOf = (text: string): number => Array.from(text.replaceAll(escapes, '')).length;

/** Pads with spaces at the right. */
export const padTo = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** The first characters and `…`, if the text is too long. The text must have no escape sequences. */
export function cutTo(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** Width for text that fills lines: that of the terminal, at most 120; 100 if stdout is not a terminal. */
export const textWidth = ({ width }: Screen): number =>
  width === Infinity ? 100 : Math.min(width, maxTextWidth);

/** Lines of at most `width` columns, broken at spaces; a longer word has its own line. At least one line. */
export function wrapWords(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** `head` and the text, whose further lines are indented to the width of `head`. */
export function hang(head: string, text: string, screen: Screen): readonly string[] {
  const indent = widthOf(head);
  const width = screen.width === Infinity ? Infinity : Math.max(20, textWidth(screen) - indent);
  return wrapWords(text, width).map((line, at) => (at === 0 ? head : ' '.repeat(indent)) + line);
}

/**
 * `left`, and `right` flush right on the same line; on a line of its own, indented by `indent`, if both do not fit.
 * Where stdout is not a terminal, two spaces are between them.
 */
export function spread(left: string, right: string, indent: number, screen: Screen): readonly string[] {
  if (right === '') return [left];
  if (screen.width === Infinity) return [`${left}  ${right}`];
  const space = textWidth(screen) - widthOf(left) - widthOf(right);
  if (space >= 2) return [left + ' '.repeat(space) + right];
  return [left, ...hang(' '.repeat(indent), right, screen)];
}
