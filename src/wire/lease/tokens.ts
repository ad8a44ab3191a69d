/**
 * Splits dhclient.leases(5) into tokens: words, quoted strings, and `, ; { }`. `#` starts a comment to the
 * end of the line. Keywords and option names are ordinary words.
 */

export interface LeaseToken {
  readonly kind: 'word' | 'string' | 'comma' | 'semicolon' | 'open' | 'close';
  /** The word, or the decoded string with one character for each escaped byte. */
  readonly text: string;
  /** Starts at 1. */
  readonly line: number;
}

/** A string without a closing quote on its line. */
export interface BrokenString {
  readonly line: number;
  readonly atEnd: boolean;
}

export interface Tokens {
  readonly tokens: readonly LeaseToken[];
  readonly broken: readonly BrokenString[];
  /** The text ends within a string. */
  readonly cutOff: boolean;
}

const punctuation: Readonly<Record<string, LeaseToken['kind']>> = {
  ',': 'comma',
  ';': 'semicolon',
  '{': 'open',
  '}': 'close',
};

/** Whether a character ends a word. */
const isBoundary = (character: string): boolean =>
  isSpace(character) || character === '"' || character === '#' || punctuation[character] !== undefined;

const isSpace = (character: string): boolean => ' \t\r\n\v\f'.includes(character);

export function tokenize(text: string): Tokens {
  const tokens: LeaseToken[] = [];
  const broken: BrokenString[] = [];
  let line = 1;
  let offset = 0;
  while (offset < text.length) {
    const character = text[offset] ?? '';
    const mark = punctuation[character];
    if (isSpace(character)) {
      if (character === '\n') line++;
      offset++;
    } else if (mark !== undefined) {
      tokens.push({ kind: mark, text: character, line });
      offset++;
    } else if (character === '#') {
      offset = endOfLine(text, offset);
    } else if (character === '"') {
      const end = endOfString(text, offset + 1);
      if (text[end] === '"')
        tokens.push({ kind: 'string', text: decodeEscapes(text.slice(offset + 1, end)), line });
      else broken.push({ line, atEnd: end === text.length });
      offset = text[end] === '"' ? end + 1 : end;
    } else {
      const end = endOfWord(text, offset);
      tokens.push({ kind: 'word', text: text.slice(offset, end), line });
      offset = end;
    }
  }
  return { tokens, broken, cutOff: broken.at(-1)?.atEnd === true };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function endOfWord(text: string, from: number): number {
  let end = from + 1;
  while (end < text.length && !isBoundary(text[end] ?? '')) end++;
  return end;
}

/**
 * Returns the position of the closing quote, or of the end of the line or text. dhclient writes a line feed
 * as `\012`, so a bare one means that the writer was interrupted.
 */
function endOfString(text: string, from: number): number {
  let end = from;
  while (end < text.length && text[end] !== '"' && text[end] !== '\n') {
    end += text[end] === '\\' && text[end + 1] !== '\n' ? 2 : 1;
  }
  return Math.min(end, text.length);
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b' };

/**
 * Decodes `\"`, `\\`, `\n`, up to three octal digits, `\x` with up to two hexadecimal ones; any other
 * character is itself.
 */
function decodeEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S]))/g,
    (_, octal?: string, hex?: string, other?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return escapes[other ?? ''] ?? other ?? '';
    },
  );
}
