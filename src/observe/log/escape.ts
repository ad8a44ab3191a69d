/**
 * Makes text from any source safe to show. Interface names, DHCP values, output of hooks and request paths reach log
 * lines; none of them may start a new line, move the cursor, or reverse the reading direction.
 */

/**
 * C0, DEL and C1 controls; line and paragraph separator; the bidirectional controls of UAX #9 and the byte order
 * mark, which change how the rest of a line is shown and are invisible themselves.
 */
const unsafe: RegExp =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const shortForms: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeOne(character: string): string {
  const short = shortForms[character];
  if (short !== undefined) return short;
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(character);
}

const unicodeEscape = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** `text` on one line, controls as `\n`, `\x1b`, `\u202e`, lone surrogates as U+FFFD. */
export function escapeControls(text: string): string {
  return text.toWellFormed().replace(unsafe, escapeOne);
}

/** As `escapeControls`, but line feeds and tabs stay: for values whose framing they cannot break. */
export function escapeControlsExceptLines(text: string): string {
  return text
    .toWellFormed()
    .replace(unsafe, (character) =>
      character === '\n' || character === '\t' ? character : escapeOne(character),
    );
}

/** JSON text with every unsafe character as `\uNNNN`: it parses to the same value and is harmless when shown. */
export function escapeJson(json: string): string {
  return json.replace(unsafe, unicodeEscape);
}

/** As `escapeJson`, but line feeds and tabs stay: for text, and for JSON of several lines. */
export function escapeForTerminal(text: string): string {
  return text
    .toWellFormed()
    .replace(unsafe, (character) =>
      character === '\n' || character === '\t' ? character : unicodeEscape(character),
    );
}

/** At most `limit` UTF-16 units of `text`, with a mark if it was cut. */
export function clip(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more)`;
}
