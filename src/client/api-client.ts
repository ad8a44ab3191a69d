/** Requests and their answers, typed by the table of endpoints. */
import { malformed, parseJson, type RequestProblem, type Result, refused, unreachable } from './problem.ts';
import type { Transport } from './transport.ts';
import type { ConfigProblem, EndpointPath, Endpoints, ReloadAnswer, ValidateAnswer } from './types.ts';
import { encodeQuery, fillPath, type QueryValues } from './url.ts';

/** Values for the `{…}` of a path template. */
type ParameterNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterNames<Rest>
  : never;

/** What one GET asks for. */
export interface GetOptions<Path extends EndpointPath> {
  readonly parameters?: Readonly<Record<ParameterNames<Path>, string>>;
  readonly query?: Endpoints[Path]['query'];
  readonly signal?: AbortSignal;
}

/** Answers that are remembered by their ETag: as many URLs as one page asks for again and again. */
const REMEMBERED_ANSWERS = 32;

interface RememberedAnswer {
  readonly etag: string;
  readonly value: unknown;
}

/**
 * One client for one server. An answer that has not changed (304) is the same object as before, so a reader can
 * compare by identity.
 */
export class ApiClient {
  readonly transport: Transport;
  readonly #remembered = new Map<string, RememberedAnswer>();

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** GET of one endpoint. Never rejects, except for a path without its parameters, which is a bug. */
  async get<Path extends EndpointPath>(
    path: Path,
    options: GetOptions<Path> = {},
  ): Promise<Result<Endpoints[Path]['answer']>> {
    const query = encodeQuery((options.query ?? {}) as QueryValues);
    const url = `${fillPath(path, options.parameters ?? {})}${query}`;
    const remembered = this.#remembered.get(url);
    const headers = remembered === undefined ? {} : { 'if-none-match': remembered.etag };
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    const response = await this.#send(url, { headers, ...signal });
    if (!response.ok) return response;
    const { value } = response;
    if (value.status === 304 && remembered !== undefined) {
      return { ok: true, value: remembered.value as Endpoints[Path]['answer'] };
    }
    const answer = await readAnswer(value);
    if (answer.ok) this.#remember(url, value.headers.get('etag'), answer.value);
    return answer as Result<Endpoints[Path]['answer']>;
  }

  /** Makes the daemon read its configuration again. A refused one: see `configProblems`. */
  async reload(): Promise<Result<ReloadAnswer>> {
    return await this.#post('/api/v1/reload', '', 'application/json');
  }

  /** Validates a configuration without applying it. */
  async validate(yaml: string): Promise<Result<ValidateAnswer>> {
    return await this.#post('/api/v1/config/validate', yaml, 'application/yaml');
  }

  async #post<T>(path: string, body: string, type: string): Promise<Result<T>> {
    const response = await this.#send(path, { method: 'POST', body, headers: { 'content-type': type } });
    return response.ok ? ((await readAnswer(response.value)) as Result<T>) : response;
  }

  async #send(url: string, request: Parameters<Transport>[1]): Promise<Result<Response>> {
    try {
      const headers = { accept: 'application/json', ...request.headers };
      return { ok: true, value: await this.transport(url, { ...request, headers }) };
    } catch (thrown) {
      return { ok: false, problem: unreachable(thrown) };
    }
  }

  #remember(url: string, etag: string | null, value: unknown): void {
    if (etag === null) return;
    this.#remembered.delete(url);
    this.#remembered.set(url, { etag, value });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > REMEMBERED_ANSWERS && oldest !== undefined) this.#remembered.delete(oldest);
  }
}

async function readAnswer(response: Response): Promise<Result<unknown>> {
  let body: string;
  try {
    body = await response.text();
  } catch (thrown) {
    return { ok: false, problem: unreachable(thrown) };
  }
  if (!response.ok) {
    return { ok: false, problem: refused(response.status, body, response.headers.get('retry-after')) };
  }
  const value = parseJson(body);
  if (typeof value === 'object' && value !== null) return { ok: true, value };
  return { ok: false, problem: malformed(response.status, 'the answer is not a JSON object') };
}

/** The errors of a configuration that a reload refused; empty for any other problem. */
export function configProblems({ error }: RequestProblem): readonly ConfigProblem[] {
  return Array.isArray(error.details) ? (error.details as unknown as readonly ConfigProblem[]) : [];
}
