/** Results as HTTP answers: headers, entity tags, errors. */
import type { ErrorAnswer } from '../core/view/types/vocabulary.ts';
import type { HttpAnswer, HttpBody } from '../ports/http.ts';
import type { ApiResult } from './endpoint.ts';
import type { ApiProblem } from './problem.ts';

/** Of every answer but the dashboard's files: an API answer is no document, and nobody keeps it. */
const commonHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

const jsonType = { 'content-type': 'application/json' };
const none: HttpBody = { kind: 'none' };

export interface AnswerOptions {
  /** The header If-None-Match. */
  readonly ifNoneMatch: string | undefined;
  readonly digest: (text: string) => string;
}

export function answerOf(result: ApiResult, options: AnswerOptions): HttpAnswer {
  switch (result.kind) {
    case 'json': {
      const text = JSON.stringify(result.value);
      const basis =
        result.basis === undefined || result.basis === result.value ? text : JSON.stringify(result.basis);
      return tagged(text, options.digest(basis), options);
    }
    case 'text':
      return tagged(result.text, result.digest, options);
    case 'bytes':
      return {
        status: 200,
        headers: { ...commonHeaders, 'content-type': result.contentType },
        body: { kind: 'bytes', bytes: result.bytes },
      };
    case 'stream':
      return {
        status: 200,
        headers: { ...commonHeaders, 'content-type': result.contentType, 'x-accel-buffering': 'no' },
        body: { kind: 'stream', stream: result.stream },
      };
    case 'answer':
      return result.answer;
    case 'problem':
      return problemAnswer(result);
  }
}

function tagged(text: string, digest: string, { ifNoneMatch }: AnswerOptions): HttpAnswer {
  const headers = { ...commonHeaders, etag: `"${digest}"` };
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, digest)) return { status: 304, headers, body: none };
  return { status: 200, headers: { ...headers, ...jsonType }, body: { kind: 'bytes', bytes: text } };
}

/** RFC 9110, section 13.1.2: a list of tags, compared without their weakness, or `*`. */
const matches = (header: string, digest: string): boolean =>
  header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === `"${digest}"`);

/** A problem as the body that every error has. */
export function problemAnswer({ status, code, message, details, headers }: ApiProblem): HttpAnswer {
  const body: ErrorAnswer = { error: { code, message, details } };
  return {
    status,
    headers: { ...commonHeaders, ...jsonType, ...headers },
    body: { kind: 'bytes', bytes: JSON.stringify(body) },
  };
}
