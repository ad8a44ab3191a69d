/** Finds the endpoint of a path. */
import type { ApiEndpoint } from './endpoint.ts';
import { decodePercent } from './query.ts';

export interface PathMatch {
  /** The template. */
  readonly route: string;
  /** One for each method. */
  readonly endpoints: readonly ApiEndpoint[];
  /** Undefined where the path is not percent-encoded UTF-8. */
  readonly names: Readonly<Record<string, string>> | undefined;
}

interface Template {
  readonly route: string;
  readonly parts: readonly string[];
  readonly endpoints: ApiEndpoint[];
}

export class PathTable {
  readonly #templates: readonly Template[];

  constructor(endpoints: readonly ApiEndpoint[]) {
    const templates = new Map<string, Template>();
    for (const endpoint of endpoints) {
      const { path } = endpoint;
      const template = templates.get(path) ?? { route: path, parts: path.split('/'), endpoints: [] };
      template.endpoints.push(endpoint);
      templates.set(path, template);
    }
    // A path that is spelled out goes before one with a name in its place.
    this.#templates = [...templates.values()].sort((a, b) => named(a) - named(b));
  }

  /** Every template. */
  get routes(): readonly string[] {
    return this.#templates.map(({ route }) => route);
  }

  /** `path` as it was sent. Undefined where no template fits. */
  find(path: string): PathMatch | undefined {
    const parts = path.split('/');
    const template = this.#templates.find((candidate) => fits(candidate, parts));
    if (template === undefined) return undefined;
    const { route, endpoints } = template;
    return { route, endpoints, names: namesOf(template, parts) };
  }
}

const isName = (part: string): boolean => part.startsWith('{');
const named = ({ parts }: Template): number => parts.filter(isName).length;

const fits = ({ parts }: Template, given: readonly string[]): boolean =>
  parts.length === given.length &&
  parts.every((part, at) => (isName(part) ? given[at] !== '' : part === given[at]));

function namesOf({ parts }: Template, given: readonly string[]): Record<string, string> | undefined {
  const names: Record<string, string> = {};
  for (const [at, part] of parts.entries()) {
    if (!isName(part)) continue;
    const value = decodePercent(given[at] ?? '');
    if (value === undefined) return undefined;
    names[part.slice(1, -1)] = value;
  }
  return names;
}
