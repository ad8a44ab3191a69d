/** Errors of the API: a status, a stable code, a sentence, and what there is to say beyond it. */
import type { Json } from '../core/view/types/vocabulary.ts';

/** Entries of the error table. */
export type ApiCode =
  | 'NETEVD_API_REQUEST'
  | 'NETEVD_API_QUERY'
  | 'NETEVD_API_UNAUTHORIZED'
  | 'NETEVD_API_FORBIDDEN'
  | 'NETEVD_API_HOST'
  | 'NETEVD_API_ORIGIN'
  | 'NETEVD_API_NOT_FOUND'
  | 'NETEVD_API_METHOD'
  | 'NETEVD_API_BODY'
  | 'NETEVD_API_MEDIA_TYPE'
  | 'NETEVD_API_BUSY'
  | 'NETEVD_API_STREAM_LIMIT'
  | 'NETEVD_CONFIG_REJECTED';

export interface ApiProblem {
  readonly kind: 'problem';
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 429 | 503;
  readonly code: ApiCode;
  readonly message: string;
  readonly details: Json;
  readonly headers: Readonly<Record<string, string>>;
}

/** Makes a problem; `message` is one sentence with the remedy. */
export const problem = (
  status: ApiProblem['status'],
  code: ApiCode,
  message: string,
  details: Json = null,
  headers: Readonly<Record<string, string>> = {},
): ApiProblem => ({ kind: 'problem', status, code, message, details, headers });

export const notFound = (message: string): ApiProblem => problem(404, 'NETEVD_API_NOT_FOUND', message);
