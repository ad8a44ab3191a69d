/** Colours of text. Nothing may depend on them: each has a word or a sign beside it. */

import { escapeForTerminal } from '../../observe/log/escape.ts';

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

/** Stands for an SGR sequence of ECMA-48 until the text has been escaped. Nobody who chooses a name can know it. */
const secret = crypto.randomUUID();
const mark = new RegExp(`<${secret}:(\\d+)>`, 'g');

const sgr =
  (code: number) =>
  (text: string): string =>
    `<${secret}:${code}>${text}<${secret}:0>`;

/** Colours, which `terminalText` turns into what a terminal obeys. */
export const colourPaint: Paint = { bold: sgr(1), dim: sgr(2), good: sgr(32), bad: sgr(31), warn: sgr(33) };

/** The text without its colours. */
export const withoutColours = (text: string): string => text.replaceAll(mark, '');

/** The text as a terminal may have it: the colours of this file, and nothing else that it obeys. */
export const terminalText = (text: string): string =>
  escapeForTerminal(text).replaceAll(mark, (_all, code: string) => `\u001b[${code}m`);
