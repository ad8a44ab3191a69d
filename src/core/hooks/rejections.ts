/** Counts values that were not of their type, by the variable that they were meant for. */
import { parseValues } from '../model/parsed-values.ts';

export class Rejections {
  readonly #counts = new Map<string, number>();

  /** `parse` of each text, each result once; what does not parse is counted for `variable`. */
  keep<T>(variable: string, texts: readonly string[], parse: (text: string) => T | undefined): readonly T[] {
    const { values, rejected } = parseValues(texts, parse);
    this.add(variable, rejected);
    return values;
  }

  /** `parse` of one text that may be absent. */
  keepOne<T>(
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

  /** Variable and how many values for it were left out. */
  entries(): readonly (readonly [variable: string, count: number])[] {
    return [...this.#counts];
  }
}
