/** `/status`, `/health`, `/metrics`, `/openapi.json`, `/config`, `/config/validate`, `/reload`. */

import type { ConfigProblem, ReloadAnswer, ValidateAnswer } from '../../core/view/types/config.ts';
import type { Json } from '../../core/view/types/vocabulary.ts';
import { metricsContentType } from '../../wire/prometheus/text.ts';
import { answerOf } from '../answer.ts';
import { type ApiEndpoint, get } from '../endpoint.ts';
import { notFound, problem } from '../problem.ts';
import { healthAnswer } from '../status/health-answer.ts';
import { statusAnswer } from '../status/status-answer.ts';

const status = get('/api/v1/status', 'read', {}, (context) => statusAnswer(context));

const health: ApiEndpoint = {
  ...get('/health', 'read', {}, (context) => healthAnswer(context)),
  run: (context, request) => {
    const value = healthAnswer(context);
    if (value.status === 'healthy') return { kind: 'json', value };
    const ifNoneMatch = request.header('if-none-match');
    const answer = answerOf({ kind: 'json', value }, { ifNoneMatch, digest: (text) => context.digest(text) });
    return { kind: 'answer', answer: answer.status === 200 ? { ...answer, status: 503 } : answer };
  },
};

const metrics: ApiEndpoint = {
  method: 'GET',
  path: '/metrics',
  access: 'read',
  query: {},
  run: (context) =>
    context.settings().isMetricsEnabled
      ? { kind: 'bytes', bytes: context.metrics(), contentType: metricsContentType }
      : notFound('metrics are off; set metrics.enabled'),
};

const openapi: ApiEndpoint = {
  method: 'GET',
  path: '/openapi.json',
  access: 'read',
  query: {},
  run: (context) => {
    const text = context.openapi();
    return { kind: 'text', text, digest: context.digest(text) };
  },
};

const config = get('/api/v1/config', 'secret', {}, (context) => context.config());

const reload: ApiEndpoint = {
  method: 'POST',
  path: '/api/v1/reload',
  access: 'change',
  query: {},
  run: (context) => {
    const { ok, changed, problems } = context.reload();
    if (!ok) {
      const errors = problems.length === 1 ? '1 error' : `${problems.length} errors`;
      const message = `the configuration has ${errors}; the one before stays in effect`;
      return problem(400, 'NETEVD_CONFIG_REJECTED', message, asJson(problems));
    }
    const what = changed.length === 0 ? 'nothing changed' : `changed: ${changed.join(', ')}`;
    const value: ReloadAnswer = {
      status: 'success',
      message: `configuration reloaded; ${what}`,
      timestamp: new Date(context.clock.wall()).toISOString(),
      changed,
    };
    return { kind: 'json', value };
  },
};

const asJson = (problems: readonly ConfigProblem[]): Json => problems.map((found) => ({ ...found }));

const validate: ApiEndpoint = {
  method: 'POST',
  path: '/api/v1/config/validate',
  access: 'secret',
  query: {},
  accepts: ['application/yaml', 'text/yaml', 'application/x-yaml', 'text/plain'],
  run: (context, { body }) => {
    const problems = context.validate(body);
    const value: ValidateAnswer = { valid: problems.length === 0, problems };
    return { kind: 'json', value };
  },
};

export const daemonEndpoints: readonly ApiEndpoint[] = [
  status,
  health,
  metrics,
  openapi,
  config,
  reload,
  validate,
];
