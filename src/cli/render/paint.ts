/** Colours of text. Nothing may depend on them: each has a word or a sign beside it. */

/** Colours, or the text as it is. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

/** No colours. */
export const plainPaint: Paint = {
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

/** SGR sequences of ECMA-48. */
export const colourPaint: Paint = { bold: sgr(1), dim: sgr(2), good: sgr(32), bad: sgr(31), warn: sgr(33) };
