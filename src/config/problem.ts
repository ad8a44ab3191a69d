/** Problems of a configuration as data, and their one-line text. */

/** Stable codes; each has its entry in `configCodes`. */
export type ConfigCode =
  | 'NETEVD_CONFIG_FILE'
  | 'NETEVD_CONFIG_ENCODING'
  | 'NETEVD_CONFIG_SYNTAX'
  | 'NETEVD_CONFIG_DUPLICATE_KEY'
  | 'NETEVD_CONFIG_UNKNOWN_KEY'
  | 'NETEVD_CONFIG_MISSING_KEY'
  | 'NETEVD_CONFIG_TYPE'
  | 'NETEVD_CONFIG_VALUE'
  | 'NETEVD_CONFIG_CONDITION'
  | 'NETEVD_CONFIG_COMBINATION'
  | 'NETEVD_CONFIG_DEPRECATED'
  | 'NETEVD_CONFIG_UNSUPPORTED';

export interface ConfigCodeEntry {
  readonly meaning: string;
  readonly remedy: string;
}

/** Every code of the configuration. The operator can fix each of them. */
export const configCodes: Readonly<Record<ConfigCode, ConfigCodeEntry>> = {
  NETEVD_CONFIG_FILE: {
    meaning: 'The configuration file could not be read, or must not be trusted.',
    remedy:
      'Make it a regular file of at most 256 KiB that the daemon can read and that not everyone can write.',
  },
  NETEVD_CONFIG_ENCODING: {
    meaning: 'The configuration file is not UTF-8 text, or has control characters.',
    remedy: 'Save it as UTF-8 and remove the character at the position given.',
  },
  NETEVD_CONFIG_SYNTAX: {
    meaning:
      'The configuration file is not YAML 1.2, or uses a feature of YAML that a configuration does not need.',
    remedy: 'Correct the line given; nothing else is checked until the file is YAML.',
  },
  NETEVD_CONFIG_DUPLICATE_KEY: {
    meaning: 'A key is written twice in the same place, or both in its old and in its new spelling.',
    remedy: 'Keep one of the two.',
  },
  NETEVD_CONFIG_UNKNOWN_KEY: {
    meaning: 'The configuration has no such key in this place.',
    remedy: 'Use the key suggested, or remove the line.',
  },
  NETEVD_CONFIG_MISSING_KEY: {
    meaning: 'A required key is missing.',
    remedy: 'Add it.',
  },
  NETEVD_CONFIG_TYPE: {
    meaning: 'A value has another type than its key.',
    remedy: 'Write what is expected; quotes make text, their absence makes numbers, true and false.',
  },
  NETEVD_CONFIG_VALUE: {
    meaning: 'A value has the right type, but its key does not accept it.',
    remedy: 'Write what is expected.',
  },
  NETEVD_CONFIG_CONDITION: {
    meaning: 'The condition of a filter is invalid.',
    remedy: 'Correct it at the line and column given, which count from the start of the condition.',
  },
  NETEVD_CONFIG_COMBINATION: {
    meaning: 'Values that are valid by themselves contradict each other.',
    remedy: 'Change one of the keys that the message names.',
  },
  NETEVD_CONFIG_DEPRECATED: {
    meaning: 'The file uses key names of the first schema. They still work.',
    remedy: 'Write the new names as shown; `netevd migrate` does it for the whole file.',
  },
  NETEVD_CONFIG_UNSUPPORTED: {
    meaning: 'A key is set whose part is not in this build, or could not be started.',
    remedy: 'Remove the key, or run a build that has the part.',
  },
};

export type Severity = 'error' | 'warning' | 'note';

/** One error, warning or note. */
export interface ConfigProblem {
  readonly code: ConfigCode;
  readonly severity: Severity;
  /** Path of the file as given, or `environment NETEVD_…`. */
  readonly file: string;
  /** Both from 1, in characters; 0 where there is no position. */
  readonly line: number;
  readonly column: number;
  /** The key as written, `filters[2].match_rule.condition`; '' for the whole file. */
  readonly path: string;
  /** The value as it would be written; '' where there is none. */
  readonly found: string;
  /** What is expected instead, as a phrase. */
  readonly expected: string;
  /** What was probably meant, ready to be copied. */
  readonly suggestion?: string;
  /** One line, without position and path. */
  readonly message: string;
}

/** `file:line:column: error: path: message; did you mean "suggestion"?`, one line. */
export function formatProblem(problem: ConfigProblem): string {
  const position = problem.line > 0 ? `:${problem.line}:${problem.column}` : '';
  const path = problem.path === '' ? '' : `${problem.path}: `;
  return oneLine(`${problem.file}${position}: ${problem.severity}: ${path}${messageWithHint(problem)}`);
}

/** `message; did you mean "suggestion"?` */
export const messageWithHint = ({ message, suggestion }: ConfigProblem): string =>
  suggestion === undefined ? message : `${message}; did you mean ${quote(suggestion)}?`;

/** A copy whose quotations from the file are safe for a line, a log and a terminal. */
export function printable(problem: ConfigProblem): ConfigProblem {
  return {
    ...problem,
    path: oneLine(problem.path),
    found: oneLine(problem.found),
    expected: oneLine(problem.expected),
    message: oneLine(problem.message),
    ...(problem.suggestion === undefined ? {} : { suggestion: oneLine(problem.suggestion) }),
  };
}

/** Numbers, true, false, lists and quoted text are shown as they are written. */
const quote = (text: string): string => (/^(true|false|-?\d[\d.]*|["[].*)$/.test(text) ? text : `"${text}"`);

/** Longest quotation from a file in a message. */
const maxShown = 60;

/** A value as it would be written, cut to a length that fits into a line: `"abc"`, `12`, `a list`. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value !== 'string') return String(value);
  const chars = Array.from(value);
  return oneLine(JSON.stringify(chars.length <= maxShown ? value : `${chars.slice(0, maxShown).join('')}…`));
}

/** Escapes everything in `text` that would break the line or control a terminal. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Errors that are reported at once. No one fixes more in one go, and random text has thousands. */
export const maxProblems = 200;

/** The first `maxProblems`; if there are more, after a summary. */
export function capped(problems: readonly ConfigProblem[], file: string): readonly ConfigProblem[] {
  if (problems.length < maxProblems) return problems;
  const found = `at least ${maxProblems} errors`;
  const expected = 'none; the first of them follow';
  const message = `found ${found}, expected ${expected}`;
  const at = { line: 0, column: 0 };
  const code = 'NETEVD_CONFIG_SYNTAX';
  const summary = { code, severity: 'error', file, ...at, path: '', found, expected, message } as const;
  return [summary, ...problems.slice(0, maxProblems)];
}

/** By position, errors without one first. */
export function byPosition(a: ConfigProblem, b: ConfigProblem): number {
  return a.line - b.line || a.column - b.column;
}
