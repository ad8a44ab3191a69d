/** What can be wrong with a configuration, as data, and its one-line text. */

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

/** Every code that this room reports; all are the operator's to mend. */
export const configCodes: Readonly<Record<ConfigCode, ConfigCodeEntry>> = {
  NETEVD_CONFIG_FILE: {
    meaning: 'The configuration file could not be read, or must not be trusted.',
    remedy:
      'Make it a regular file of at most 256 KiB that the daemon can read and that not everyone can write.',
  },
  NETEVD_CONFIG_ENCODING: {
    meaning: 'The configuration file is not UTF-8 text, or holds control characters.',
    remedy: 'Save it as UTF-8 and remove the character at the position given.',
  },
  NETEVD_CONFIG_SYNTAX: {
    meaning:
      'The configuration file is not YAML 1.2, or uses YAML in a way that a configuration has no use for.',
    remedy: 'Correct the line given; nothing else is checked until the file is YAML.',
  },
  NETEVD_CONFIG_DUPLICATE_KEY: {
    meaning: 'A key is written twice in the same place, or once in its old and once in its new spelling.',
    remedy: 'Keep one of the two.',
  },
  NETEVD_CONFIG_UNKNOWN_KEY: {
    meaning: 'The configuration has no such key at this place.',
    remedy: 'Use the key suggested, or remove the line.',
  },
  NETEVD_CONFIG_MISSING_KEY: {
    meaning: 'A key that is required at this place is not there.',
    remedy: 'Add it.',
  },
  NETEVD_CONFIG_TYPE: {
    meaning: 'A value is of another type than its key takes.',
    remedy: 'Write what is expected; quotes make text, their absence makes numbers, true and false.',
  },
  NETEVD_CONFIG_VALUE: {
    meaning: 'A value is of the right type but not one that its key takes.',
    remedy: 'Write what is expected.',
  },
  NETEVD_CONFIG_CONDITION: {
    meaning: 'The condition of a filter is not one.',
    remedy: 'Correct it at the line and column given, which count within the condition.',
  },
  NETEVD_CONFIG_COMBINATION: {
    meaning: 'Values that are right by themselves contradict each other.',
    remedy: 'Change the one that is named, or the one that it names.',
  },
  NETEVD_CONFIG_DEPRECATED: {
    meaning: 'The file uses the key names of the first schema. They work.',
    remedy: 'Write the new names as shown; `netevd migrate` does it for the whole file.',
  },
  NETEVD_CONFIG_UNSUPPORTED: {
    meaning: 'A key is set whose part is not in this build, or could not be started.',
    remedy: 'Remove the key, or run a build that has the part.',
  },
};

export type Severity = 'error' | 'warning' | 'note';

/** One mistake, or one thing worth saying. */
export interface Problem {
  readonly code: ConfigCode;
  readonly severity: Severity;
  /** Path of the file as it was given, or `environment NETEVD_…`. */
  readonly file: string;
  /** Both from 1, in characters; 0 where there is no position. */
  readonly line: number;
  readonly column: number;
  /** The key as it is written, `filters[2].match_rule.condition`; '' for the file as a whole. */
  readonly path: string;
  /** What stands there, as it would be written; '' where nothing does. */
  readonly found: string;
  /** What should, as a phrase. */
  readonly expected: string;
  /** What was probably meant, ready to be written. */
  readonly suggestion?: string;
  /** The sentence without position and path. One line. */
  readonly message: string;
}

/** `file:line:column: error: path: message; did you mean "suggestion"?`, one line. */
export function formatProblem(problem: Problem): string {
  const position = problem.line > 0 ? `:${problem.line}:${problem.column}` : '';
  const path = problem.path === '' ? '' : `${problem.path}: `;
  const hint = problem.suggestion === undefined ? '' : `; did you mean ${quote(problem.suggestion)}?`;
  return oneLine(`${problem.file}${position}: ${problem.severity}: ${path}${problem.message}${hint}`);
}

/** `problem` with the pieces of the file that it repeats made fit for a line, a log and a terminal. */
export function printable(problem: Problem): Problem {
  return {
    ...problem,
    path: oneLine(problem.path),
    found: oneLine(problem.found),
    expected: oneLine(problem.expected),
    message: oneLine(problem.message),
    ...(problem.suggestion === undefined ? {} : { suggestion: oneLine(problem.suggestion) }),
  };
}

/** Numbers, true, false, lists and what has quotes already are shown as they are to be written. */
const quote = (text: string): string => (/^(true|false|-?\d[\d.]*|["[].*)$/.test(text) ? text : `"${text}"`);

/** Longest piece of a file that is shown in a message. */
const maxShown = 60;

/** A value as it would be written, cut to a length that fits a line: `"abc"`, `12`, `a list`. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value !== 'string') return String(value);
  const chars = Array.from(value);
  return oneLine(JSON.stringify(chars.length <= maxShown ? value : `${chars.slice(0, maxShown).join('')}…`));
}

/** `text` with everything that would break the line or drive a terminal made visible. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Errors that are shown at once: nobody mends more in one go, and a file of rubbish has as many as it has words. */
export const maxProblems = 200;

/** The first of `problems`; where there are more, one that says so goes before them. */
export function capped(problems: readonly Problem[], file: string): readonly Problem[] {
  if (problems.length < maxProblems) return problems;
  const found = `at least ${maxProblems} mistakes`;
  const expected = 'none; the first of them follow';
  const message = `found ${found}, expected ${expected}`;
  const at = { line: 0, column: 0 };
  const code = 'NETEVD_CONFIG_SYNTAX';
  const summary = { code, severity: 'error', file, ...at, path: '', found, expected, message } as const;
  return [summary, ...problems.slice(0, maxProblems)];
}

/** By position, errors without one first: the order in which a person mends a file. */
export function byPosition(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}
