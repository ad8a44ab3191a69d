/** The options of one lease, taken out one by one; what cannot be read is counted, what nobody took is kept as text. */
import type { ParsedValues } from '../../core/model/parsed-values.ts';
import { type OptionValue, readHarmless, splitItems } from './option-value.ts';
import { keywordOf, type LeaseProblem, type Statement, wordAt } from './statements.ts';

/** Most options of a lease. */
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

  /** An `option NAME VALUE;` statement; said twice, the last counts. Others are not taken. */
  add(statement: Statement): boolean {
    if (keywordOf(statement) !== 'option') return false;
    const name = wordAt(statement, 1)?.toLowerCase() ?? '';
    if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) this.reject(statement.line, 'an option without a name');
    else if (this.#values.size < maxOptions || this.#values.has(name)) {
      this.#values.set(name, { value: splitItems(statement.words.slice(2)), line: statement.line });
    }
    return true;
  }

  /** One value; an option without any, as a server may send it, is like none. */
  one<T>(name: string, read: (value: OptionValue) => T | undefined): T | undefined {
    const option = this.#take(name);
    if (option === undefined) return undefined;
    const result = read(option.value);
    if (result === undefined) this.reject(option.line, `${name} has a value that it cannot have`);
    return result;
  }

  /** All that is valid of a list. */
  list<T>(name: string, read: (value: OptionValue) => ParsedValues<T>): readonly T[] {
    const option = this.#take(name);
    if (option === undefined) return [];
    const { values, rejected } = read(option.value);
    for (let i = 0; i < rejected; i++) this.reject(option.line, `${name} has a value that it cannot have`);
    return values;
  }

  /** Options that nobody took, in a form that is safe to show. */
  rest(): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    for (const [name, { value }] of this.#values) {
      if (value.length === 0) continue;
      const text = readHarmless(value);
      // Free text of a server is no mistake: counted, but nothing to report.
      if (text === undefined) this.#rejected++;
      else texts.set(name, text);
    }
    return texts;
  }

  reject(line: number, problem: string): void {
    this.#rejected++;
    this.#problems.push({ line, problem });
  }

  #take(name: string): { readonly value: OptionValue; readonly line: number } | undefined {
    const option = this.#values.get(name);
    this.#values.delete(name);
    return option === undefined || option.value.length === 0 ? undefined : option;
  }
}
