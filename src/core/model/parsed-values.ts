/** The valid values of a list, in order and without repetitions, and how many texts were not valid. */
export interface ParsedValues<T> {
  readonly values: readonly T[];
  readonly rejected: number;
}

/** Parses each text with `parse`, which returns undefined for an invalid one. Equal results count once. */
export function parseValues<T>(
  texts: readonly string[],
  parse: (text: string) => T | undefined,
): ParsedValues<T> {
  const values = new Set<T>();
  let rejected = 0;
  for (const text of texts) {
    const value = parse(text);
    if (value === undefined) rejected++;
    else values.add(value);
  }
  return { values: [...values], rejected };
}
