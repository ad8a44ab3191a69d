/** Counts invalid values by the variable that they were for. */
import { parseValues } from './parsed-values.ts';

export class Rejections {
  readonly #counts = new Map<string, number>();

  /** Parses each text and returns each valid result once; counts the invalid ones for `variable`. */
  parseAll<T>(
    variable: string,
    texts: readonly string[],
    parse: (text: string) => T | undefined,
  ): readonly T[] {
    const { values, rejected } = parseValues(texts, parse);
    this.add(variable, rejected);
    return values;
  }

  /** Parses one text that may be absent; counts an invalid one for `variable`. */
  parseOne<T>(
    variable: string,
    text: string | undefined,
    parse: (text: string) => T | undefined,
  ): T | undefined {
    if (text === undefined || text === '') return undefined;
    const value = parse(text);
    if (value === undefined) this.add(variable, 1);
    return value;
  }

  add(variable: string, count: number): void {
    if (count > 0) this.#counts.set(variable, (this.#counts.get(variable) ?? 0) + count);
  }

  /** Returns the variables with invalid values, and how many each had. */
  entries(): readonly (readonly [variable: string, count: number])[] {
    return [...this.#counts];
  }
}
