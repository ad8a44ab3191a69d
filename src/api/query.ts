/** Reads the query of a request: strictly, because a key that is misspelled would otherwise change what is asked. */
import { nearest } from '../core/model/nearest.ts';
import { type ApiProblem, problem } from './problem.ts';

export interface Parameter<T> {
  /** Continues "expected": `1 to 1000`. */
  readonly expected: string;
  /** Undefined where the text is no such value. */
  readonly parse: (text: string) => T | undefined;
  readonly isRequired?: true;
}

/** A parameter for each key of a query. */
export type ParametersOf<Query> = {
  readonly [Key in keyof Query]-?: Parameter<Exclude<Query[Key], undefined>>;
};

export type ParsedQuery =
  | { readonly ok: true; readonly values: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problem: ApiProblem };

/** Each key at most once, no key that the endpoint does not know, every value of its type. */
export function parseQuery(
  text: string,
  parameters: Readonly<Record<string, Parameter<unknown>>>,
): ParsedQuery {
  const values: Record<string, unknown> = Object.create(null);
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const key = decode(at < 0 ? pair : pair.slice(0, at));
    const value = decode(at < 0 ? '' : pair.slice(at + 1));
    if (key === undefined || value === undefined)
      return refuse('the query is not percent-encoded UTF-8', pair);
    const parameter = Object.hasOwn(parameters, key) ? parameters[key] : undefined;
    if (parameter === undefined) return refuse(unknownKey(key, Object.keys(parameters)), key);
    if (key in values) return refuse(`'${key}' stands twice in the query`, key);
    const parsed = parameter.parse(value);
    if (parsed === undefined)
      return refuse(`'${key}' is ${quote(value)}, expected ${parameter.expected}`, key);
    values[key] = parsed;
  }
  const missing = Object.keys(parameters).find((key) => parameters[key]?.isRequired && !(key in values));
  if (missing !== undefined) return refuse(`the query lacks '${missing}'`, missing);
  return { ok: true, values };
}

const refuse = (message: string, key: string): ParsedQuery => ({
  ok: false,
  problem: problem(400, 'NETEVD_API_QUERY', message, { key: key.slice(0, 64) }),
});

function unknownKey(key: string, known: readonly string[]): string {
  if (known.length === 0) return `the query has ${quote(key)}, and this endpoint takes none`;
  const near = nearest(key, known);
  const hint = near === undefined ? `it takes ${known.join(', ')}` : `did you mean '${near}'?`;
  return `the query has ${quote(key)}, which this endpoint does not take; ${hint}`;
}

/** A value of somebody else's in a sentence. */
export const quote = (text: string): string => `'${text.length > 64 ? `${text.slice(0, 64)}…` : text}'`;

/** As `application/x-www-form-urlencoded`: a plus is a space. */
function decode(text: string): string | undefined {
  return decodePercent(text.replaceAll('+', ' '));
}

/** Undefined where it is not percent-encoded UTF-8. */
export function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
