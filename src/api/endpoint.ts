/** One endpoint: what it is called by, who may call it, and what it does. */
import type { EndpointPath, Endpoints } from '../core/view/types/endpoints.ts';
import type { BodyStream, HttpAnswer, HttpCaller } from '../ports/http.ts';
import type { ApiContext } from './context.ts';
import type { ApiProblem } from './problem.ts';
import type { Parameter, ParametersOf } from './query.ts';

/** `public`: whoever can connect. `read`, `secret`, `change`: see `access.ts`. */
export type Access = 'public' | 'read' | 'secret' | 'change';

export interface EndpointRequest<Query> {
  /** Values of the template's `{…}`, decoded. */
  readonly names: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: string;
  readonly caller: HttpCaller;
  readonly header: (name: string) => string | undefined;
}

export type ApiResult =
  | { readonly kind: 'json'; readonly value: unknown; readonly basis?: unknown }
  /** JSON that is text already, with the digest of it. */
  | { readonly kind: 'text'; readonly text: string; readonly digest: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly contentType: string }
  | { readonly kind: 'stream'; readonly stream: BodyStream; readonly contentType: string }
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  | ApiProblem;

export interface ApiEndpoint {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly access: Access;
  readonly query: Readonly<Record<string, Parameter<unknown>>>;
  /** Media types of the body; absent where there is none. */
  readonly accepts?: readonly string[];
  run(context: ApiContext, request: EndpointRequest<never>): ApiResult | Promise<ApiResult>;
}

type Answer<P extends EndpointPath> = Endpoints[P]['answer'];
type Query<P extends EndpointPath> = Endpoints[P]['query'];
type Given<P extends EndpointPath> = Answer<P> | ApiProblem;

/** An endpoint of `Endpoints`: the compiler holds query and answer to their types. */
export function get<P extends EndpointPath>(
  path: P,
  access: Access,
  query: ParametersOf<Query<P>>,
  run: (context: ApiContext, request: EndpointRequest<Query<P>>) => Given<P> | Promise<Given<P>>,
): ApiEndpoint {
  const finish = (given: Given<P>): ApiResult =>
    isProblem(given) ? given : { kind: 'json', value: given, basis: withoutClock(given) };
  return {
    method: 'GET',
    path,
    access,
    query: query as ApiEndpoint['query'],
    run: (context, request) => {
      const given = run(context, request as EndpointRequest<Query<P>>);
      return given instanceof Promise ? given.then(finish) : finish(given);
    },
  };
}

export const isProblem = (value: object): value is ApiProblem => 'kind' in value && value.kind === 'problem';

/** Two answers that differ in the time alone are the same to `If-None-Match`. */
function withoutClock(value: object): unknown {
  if (!('time' in value) && !('until' in value)) return value;
  return { ...value, time: '', uptime_seconds: 0, until: '', since: '' };
}
