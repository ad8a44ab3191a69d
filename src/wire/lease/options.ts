/** The options of one lease. Parsers take them by name; the others stay text. Counts invalid values. */
import type { ParsedValues } from '../../core/model/parsed-values.ts';
import { type OptionValue, readSafeText, splitItems } from './option-value.ts';
import { type LeaseProblem, type LeaseProblemCode, leaseProblem } from './problem.ts';
import { keywordOf, type Statement, wordAt } from './statements.ts';

/** Maximum number of options in a lease. */
const maxOptions = 512;

export class LeaseOptions {
  readonly #values: Map<string, { readonly value: OptionValue; readonly line: number }> = new Map();
  readonly #problems: LeaseProblem[];
  #rejected = 0;

  constructor(problems: LeaseProblem[]) {
    this.#problems = problems;
  }

  get rejected(): number {
    return this.#rejected;
  }

  /**
   * Adds an `option NAME VALUE;` statement; a later one replaces an earlier one. Returns false for other
   * statements.
   */
  add(statement: Statement): boolean {
    if (keywordOf(statement) !== 'option') return false;
    const name = wordAt(statement, 1)?.toLowerCase() ?? '';
    if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) this.reject(statement.line, 'unnamed-option');
    else if (this.#values.size < maxOptions || this.#values.has(name)) {
      this.#values.set(name, { value: splitItems(statement.words.slice(2)), line: statement.line });
    }
    return true;
  }

  /**
   * Takes the single value of an option. An option without a value, which a server may send, counts as
   * absent.
   */
  one<T>(name: string, read: (value: OptionValue) => T | undefined): T | undefined {
    const option = this.#take(name);
    if (option === undefined) return undefined;
    const result = read(option.value);
    if (result === undefined) this.reject(option.line, 'invalid-value', name);
    return result;
  }

  /** Takes the valid values of a list. */
  list<T>(name: string, read: (value: OptionValue) => ParsedValues<T>): readonly T[] {
    const option = this.#take(name);
    if (option === undefined) return [];
    const { values, rejected } = read(option.value);
    for (let i = 0; i < rejected; i++) this.reject(option.line, 'invalid-value', name);
    return values;
  }

  /** Returns the options that were not taken, in a form that is safe to show. */
  rest(): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    for (const [name, { value }] of this.#values) {
      if (value.length === 0) continue;
      const text = readSafeText(value);
      // Free text of a server is not an error: counted, not reported.
      if (text === undefined) this.#rejected++;
      else texts.set(name, text);
    }
    return texts;
  }

  /** Counts a rejected value and reports the problem. */
  reject(line: number, code: LeaseProblemCode, subject?: string): void {
    this.#rejected++;
    this.#problems.push(leaseProblem(line, code, subject));
  }

  #take(name: string): { readonly value: OptionValue; readonly line: number } | undefined {
    const option = this.#values.get(name);
    this.#values.delete(name);
    return option === undefined || option.value.length === 0 ? undefined : option;
  }
}
