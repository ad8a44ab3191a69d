/** From a request to an answer: path, method, caller, query, body, and then the endpoint. One router for all doors. */
import { nearest } from '../core/model/nearest.ts';
import type { HttpAnswer, HttpHandler, HttpRequest } from '../ports/http.ts';
import { accessProblem, originProblem, type TcpPolicy } from './access.ts';
import { answerOf } from './answer.ts';
import type { ApiContext } from './context.ts';
import type { ApiEndpoint, ApiResult } from './endpoint.ts';
import { type PathMatch, PathTable } from './path-table.ts';
import { type ApiProblem, notFound, problem } from './problem.ts';
import { parseQuery, quote } from './query.ts';
import { RequestLimit } from './request-limit.ts';

/** Longest body, in bytes. */
export const bodyLimit: number = 64 * 1024;

/** Paths that the listener of `metrics.port` has. */
const metricsPaths: ReadonlySet<string> = new Set(['/metrics', '/health']);

export interface RouterParts {
  readonly context: ApiContext;
  readonly endpoints: readonly ApiEndpoint[];
  /** As it is at each request: the token file can change on a reload. */
  readonly policy: () => TcpPolicy;
}

export class Router {
  readonly #parts: RouterParts;
  readonly #table: PathTable;
  /** Of what changes something or costs much: a reload reads and checks the whole file. */
  readonly #posts: RequestLimit = new RequestLimit(20, 1000);

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#table = new PathTable(parts.endpoints);
  }

  /** Templates, for the metrics. */
  get routes(): readonly string[] {
    return this.#table.routes;
  }

  readonly handle: HttpHandler = async (request: HttpRequest): Promise<HttpAnswer> => {
    const { context } = this.#parts;
    const { caller, method, path } = request;
    const match = caller.door === 'metrics' && !metricsPaths.has(path) ? undefined : this.#table.find(path);
    const result = await this.#result(request, match);
    const options = {
      ifNoneMatch: request.header('if-none-match'),
      digest: (text: string) => context.digest(text),
    };
    const answer = answerOf(result, options);
    const code = result.kind === 'problem' ? result.code : undefined;
    const isRefused = answer.status === 401 || answer.status === 403;
    const isAudited = method === 'POST' || isRefused;
    const route = match?.route ?? '';
    context.answered({ caller, method, path, route, status: answer.status, code, isAudited });
    return answer;
  };

  async #result(request: HttpRequest, match: PathMatch | undefined): Promise<ApiResult> {
    const { context, policy } = this.#parts;
    const { caller } = request;
    const rules = policy();
    const foreign = originProblem(caller, request.header('host'), request.header('origin'), rules);
    if (foreign !== undefined) return foreign;
    if (match === undefined) return (await this.#dashboard(request)) ?? this.#unknown(request);
    const endpoint = endpointFor(match, request.method);
    if ('kind' in endpoint) return endpoint;
    const refused = accessProblem(endpoint.access, caller, request.header('authorization'), rules);
    if (refused !== undefined) return refused;
    if (match.names === undefined)
      return problem(400, 'NETEVD_API_REQUEST', 'the path is not percent-encoded UTF-8');
    const query = parseQuery(request.query, endpoint.query);
    if (!query.ok) return query.problem;
    const body = await this.#body(endpoint, request);
    if (typeof body !== 'string') return body;
    const header = (name: string): string | undefined => request.header(name);
    return endpoint.run(context, { names: match.names, query: query.values as never, body, caller, header });
  }

  async #dashboard(request: HttpRequest): Promise<ApiResult | undefined> {
    if (request.caller.door === 'metrics' || !isRead(request.method)) return undefined;
    const answer = await this.#parts.context.asset(request.path, request.header('if-none-match'));
    return answer === undefined ? undefined : { kind: 'answer', answer };
  }

  #unknown({ path, caller }: HttpRequest): ApiProblem {
    const known = caller.door === 'metrics' ? [...metricsPaths] : this.#table.routes;
    const near = nearest(path, known);
    const hint = near === undefined ? 'all paths are in /openapi.json' : `did you mean ${near}?`;
    return notFound(`there is no ${quote(path)}; ${hint}`);
  }

  /** The body as text; '' where the endpoint takes none. */
  async #body({ accepts, method }: ApiEndpoint, request: HttpRequest): Promise<string | ApiProblem> {
    if (method === 'GET') return '';
    const wait = this.#posts.take(this.#parts.context.clock.now());
    if (wait !== undefined) {
      const headers = { 'retry-after': String(wait) };
      return problem(429, 'NETEVD_API_BUSY', `too many requests; try again in ${wait} s`, null, headers);
    }
    const read = await request.body(bodyLimit);
    if (!read.ok) {
      return read.problem === 'too-large'
        ? problem(413, 'NETEVD_API_BODY', `the body is longer than ${bodyLimit} bytes`)
        : problem(400, 'NETEVD_API_REQUEST', 'the body ended before its length');
    }
    if (accepts === undefined) return '';
    const [type = ''] = (request.header('content-type') ?? '').split(';');
    if (!accepts.includes(type.trim().toLowerCase())) {
      const expected = accepts.join(' or ');
      return problem(415, 'NETEVD_API_MEDIA_TYPE', `Content-Type is ${quote(type)}, expected ${expected}`);
    }
    return utf8(read.bytes);
  }
}

function utf8(bytes: Uint8Array): string | ApiProblem {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return problem(400, 'NETEVD_API_REQUEST', 'the body is not UTF-8');
    throw error;
  }
}

const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** HEAD is a GET of which the door leaves out the body (RFC 9110, section 9.3.2). */
function endpointFor({ endpoints, route }: PathMatch, method: string): ApiEndpoint | ApiProblem {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const found = endpoints.find((endpoint) => endpoint.method === wanted);
  if (found !== undefined) return found;
  const allowed = endpoints.flatMap((endpoint) =>
    endpoint.method === 'GET' ? ['GET', 'HEAD'] : [endpoint.method],
  );
  const message = `${route} has no ${quote(method)}; it takes ${allowed.join(', ')}`;
  return problem(405, 'NETEVD_API_METHOD', message, null, { allow: allowed.join(', ') });
}
