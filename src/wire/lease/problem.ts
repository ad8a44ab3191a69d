/** Problems of lease files. A parser reports them and continues with the next statement. */

export type LeaseProblemCode =
  | 'too-long'
  | 'not-leases'
  | 'unknown-statement'
  | 'unfinished'
  | 'missing-semicolon'
  | 'unopened-brace'
  | 'unnamed-block'
  | 'unclosed-string'
  | 'unnamed-option'
  | 'invalid-value'
  | 'missing-interface'
  | 'missing-address'
  | 'missing-association';

export interface LeaseProblem {
  readonly code: LeaseProblemCode;
  /** Starts at 1. */
  readonly line: number;
  /** The option or keyword with an invalid value. */
  readonly subject?: string;
  /** A phrase for people. */
  readonly problem: string;
}

const texts: Readonly<Record<LeaseProblemCode, string>> = {
  'too-long': 'the file is too long',
  'not-leases': 'the file contains no leases but other statements',
  'unknown-statement': 'unknown statement',
  unfinished: 'unfinished statement',
  'missing-semicolon': 'statement without a semicolon',
  'unopened-brace': 'closing brace without an opening one',
  'unnamed-block': 'block without a name',
  'unclosed-string': 'string without a closing quote',
  'unnamed-option': 'option without a valid name',
  'invalid-value': 'invalid value',
  'missing-interface': 'lease without an interface',
  'missing-address': 'lease without a valid address',
  'missing-association': 'lease without an identity association',
};

/** Makes a problem; `subject` is the option or keyword with an invalid value. */
export function leaseProblem(line: number, code: LeaseProblemCode, subject?: string): LeaseProblem {
  if (subject === undefined) return { code, line, problem: texts[code] };
  return { code, line, subject, problem: `${texts[code]} of ${subject}` };
}
