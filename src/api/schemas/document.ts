/** The OpenAPI 3.1 document: paths, parameters and answers of every endpoint. Made by the build, never by the daemon. */
import { z } from 'zod';
import { recordKinds } from '../../core/model/record.ts';
import { operationalStates } from '../../core/model/vocabulary.ts';
import type { EndpointPath, Endpoints } from '../../core/view/types/endpoints.ts';
import type { ApiEndpoint } from '../endpoint.ts';
import { errorAnswer } from './common.ts';
import {
  configAnswer,
  healthAnswer,
  hookRunsAnswer,
  hooksAnswer,
  reloadAnswer,
  statusAnswer,
  validateAnswer,
} from './daemon.ts';
import { interfaceDetails, interfacesAnswer, routesAnswer, rulesAnswer, timelineAnswer } from './links.ts';
import { eventsAnswer, hookRunDetails } from './records.ts';
import { explainAnswer, routingAnswer } from './routing.ts';

/** The answer of each endpoint that answers GET with JSON. */
const answers: { readonly [P in EndpointPath]: z.ZodType<Endpoints[P]['answer']> } = {
  '/api/v1/status': statusAnswer,
  '/api/v1/interfaces': interfacesAnswer,
  '/api/v1/interfaces/{name}': interfaceDetails,
  '/api/v1/timeline': timelineAnswer,
  '/api/v1/routes': routesAnswer,
  '/api/v1/rules': rulesAnswer,
  '/api/v1/events': eventsAnswer,
  '/api/v1/hooks': hooksAnswer,
  '/api/v1/hooks/runs': hookRunsAnswer,
  '/api/v1/hooks/runs/{id}': hookRunDetails,
  '/api/v1/routing': routingAnswer,
  '/api/v1/routing/explain': explainAnswer,
  '/api/v1/config': configAnswer,
  '/health': healthAnswer,
};

const posts: Readonly<Record<string, z.ZodType>> = {
  '/api/v1/reload': reloadAnswer,
  '/api/v1/config/validate': validateAnswer,
};

/** The schema of the answer of an endpoint; undefined where it is no JSON of ours. */
export const answerSchema = (path: string, method: string): z.ZodType | undefined =>
  method === 'POST' ? posts[path] : (answers as Readonly<Record<string, z.ZodType>>)[path];

const bound = {
  type: 'string',
  description:
    'A record (`<epoch>.<seq>`, or `<seq>` of the current epoch), a time (RFC 3339) or an age (`10m`, `2h`, `7d`).',
  examples: ['10m'],
};
const limit = (most: number, usual: number): object => ({
  type: 'integer',
  minimum: 1,
  maximum: most,
  default: usual,
});
const name = { type: 'string', minLength: 1, maxLength: 256 };
const flag = { type: 'string', enum: ['true', 'false'] };
const families = { type: 'string', enum: ['ipv4', 'ipv6'] };

/** Schemas of parameters by their name; where endpoints differ, by path and name. */
const parameterSchemas: Readonly<Record<string, object>> = {
  interface: name,
  type: name,
  script: name,
  event_type: { ...name, description: 'One event, or several with commas between them.' },
  state: { type: 'string', enum: operationalStates },
  watched: flag,
  failed: flag,
  kind: { type: 'string', enum: recordKinds },
  severity: { type: 'string', enum: ['info', 'warning', 'error'], description: 'At least this severe.' },
  since: bound,
  until: bound,
  full: { type: 'string', enum: ['1'], description: 'With the interface as it is now.' },
  snapshot: { type: 'string', enum: ['1'], description: 'Begin with the state now.' },
  hours: { type: 'integer', minimum: 1, maximum: 168, default: 24 },
  table: { type: 'integer', minimum: 0, maximum: 4_294_967_295 },
  family: families,
  after: { type: 'string', pattern: '^(0|[1-9][0-9]{0,9})$', description: 'The `next` of the page before.' },
  src: { ...name, description: 'An IP address.', examples: ['192.0.2.10'] },
  dst: { ...name, description: 'An IP address.', examples: ['198.51.100.7'] },
  iif: { ...name, description: 'The link that the packet came in by.' },
  mark: { type: 'string', pattern: '^(0[xX][0-9a-fA-F]{1,8}|[0-9]{1,9})$', description: 'Firewall mark.' },
  '/api/v1/routes limit': limit(10_000, 1000),
  limit: limit(1000, 100),
};

const summaries: Readonly<Record<string, string>> = {
  'GET /api/v1/status': 'Status of the daemon and the host',
  'GET /health': 'Whether the daemon works',
  'GET /metrics': 'Metrics for Prometheus',
  'GET /openapi.json': 'This document',
  'GET /api/v1/config': 'The effective configuration',
  'POST /api/v1/reload': 'Read the configuration again',
  'POST /api/v1/config/validate': 'Check a configuration without applying it',
  'GET /api/v1/interfaces': 'Links',
  'GET /api/v1/interfaces/{name}': 'One link',
  'GET /api/v1/timeline': 'The states of the watched links over time',
  'GET /api/v1/routes': 'Routes',
  'GET /api/v1/rules': 'Routing policy rules',
  'GET /api/v1/events': 'Records',
  'GET /api/v1/events/stream': 'Records as they come, as Server-Sent Events',
  'GET /api/v1/hooks': 'Hook directories and running hooks',
  'GET /api/v1/hooks/runs': 'Runs of hooks',
  'GET /api/v1/hooks/runs/{id}': 'One run with its output',
  'GET /api/v1/routing': 'Policy routing',
  'GET /api/v1/routing/explain': 'The way of a packet',
};

type JsonObject = Readonly<Record<string, unknown>>;

/** The whole document. */
export function openapiDocument(endpoints: readonly ApiEndpoint[], version: string): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const endpoint of endpoints) {
    const methods = paths[endpoint.path] ?? {};
    methods[endpoint.method.toLowerCase()] = operation(endpoint);
    paths[endpoint.path] = methods;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'netevd',
      version,
      summary: 'A network event daemon for Linux',
      description: 'docs/api.md describes access, the stream and errors.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://localhost:9090', description: 'TCP; the Unix sockets have the same paths' }],
    security: [{}, { token: [] }],
    tags: tags.map(([tag, description]) => ({ name: tag, description })),
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The content of `api.token_file`.' },
      },
      responses: { Error: { description: 'The request failed.', content: jsonOf(reference('Error')) } },
    },
  };
}

const tags = [
  ['daemon', 'The daemon itself: status, health, metrics, configuration.'],
  ['network', 'Links, routes and rules.'],
  ['records', 'What happened.'],
  ['hooks', 'Scripts of the operator.'],
  ['routing', 'Policy routing.'],
] as const;

function tagOf(path: string): string {
  const [, , , section = ''] = path.split('/');
  if (['interfaces', 'timeline', 'routes', 'rules'].includes(section)) return 'network';
  if (section === 'events') return 'records';
  return section === 'hooks' || section === 'routing' ? section : 'daemon';
}

function operation(endpoint: ApiEndpoint): JsonObject {
  const { method, path, access, accepts } = endpoint;
  const words = path
    .replaceAll(/[{}]/g, '')
    .split(/[/.]/)
    .filter((word) => word !== '' && word !== 'api' && word !== 'v1');
  const parameters = [...pathParameters(path), ...queryParameters(endpoint)];
  return {
    operationId: [method.toLowerCase(), ...words].join('_'),
    summary: summaries[`${method} ${path}`] ?? '',
    tags: [tagOf(path)],
    ...(access === 'read' ? {} : { security: [{ token: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(accepts !== undefined && {
      requestBody: {
        required: true,
        content: Object.fromEntries(accepts.map((type) => [type, { schema: { type: 'string' } }])),
      },
    }),
    responses: responsesOf(endpoint),
  };
}

const pathParameters = (path: string): readonly JsonObject[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, key]) => ({
    name: key,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
  }));

const queryParameters = ({ path, query }: ApiEndpoint): readonly JsonObject[] =>
  Object.entries(query).map(([key, parameter]) => {
    const schema = parameterSchemas[`${path} ${key}`] ?? parameterSchemas[key];
    if (schema === undefined) throw new Error(`${path} takes '${key}', which the document does not describe`);
    return { name: key, in: 'query', ...(parameter.isRequired === true && { required: true }), schema };
  });

/** Which errors an endpoint can answer with, beyond those of the router. */
function responsesOf(endpoint: ApiEndpoint): JsonObject {
  const { method, path, access } = endpoint;
  const codes = ['400', '401', '403', '404', '405', '429', '503'].filter((code) => {
    if (code === '429') return method === 'POST';
    if (code === '503') return path === '/health' || path.endsWith('/stream');
    if (code === '404') return path.includes('{') || path === '/metrics';
    return code !== '405';
  });
  const all = method === 'POST' ? [...codes, '413', '415'] : codes;
  const errors = Object.fromEntries(all.map((code) => [code, { $ref: '#/components/responses/Error' }]));
  void access;
  const unhealthy =
    path === '/health' ? { '503': { description: 'Unhealthy.', content: jsonOf(reference('Health')) } } : {};
  const ok = { description: 'Success.', ...tagged(method), content: contentOf(endpoint) };
  return {
    '200': ok,
    ...(method === 'GET' ? { '304': { description: 'The same as before.' } } : {}),
    ...errors,
    ...unhealthy,
  };
}

const tagged = (method: string): JsonObject =>
  method === 'GET' ? { headers: { ETag: { schema: { type: 'string' } } } } : {};

function contentOf({ path, method }: ApiEndpoint): JsonObject {
  const schema = answerSchema(path, method);
  const id = schema === undefined ? undefined : z.globalRegistry.get(schema)?.id;
  if (id !== undefined) return jsonOf(reference(id));
  if (path === '/metrics') return { 'text/plain': { schema: { type: 'string' } } };
  if (path === '/openapi.json') return jsonOf({ type: 'object' });
  return { 'text/event-stream': { schema: { type: 'string' } } };
}

const reference = (id: string): JsonObject => ({ $ref: `#/components/schemas/${id}` });
const jsonOf = (schema: JsonObject): JsonObject => ({ 'application/json': { schema } });

/** Every schema that has a name. */
function componentSchemas(): JsonObject {
  void errorAnswer;
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    uri: (id) => `#/components/schemas/${id}`,
    target: 'draft-2020-12',
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, id: ___, ...schema }]) => [id, schema]),
  );
}
