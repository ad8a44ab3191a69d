/** Why a request has no answer. */
import type { ApiError, Json } from './types.ts';

/**
 * `unreachable`: no answer at all. `refused`: the server answered with a status other than 2xx. `malformed`: the answer
 * is not what the API says; the server is another program or another version.
 */
export interface RequestProblem {
  readonly kind: 'unreachable' | 'refused' | 'malformed';
  /** HTTP status; `null` without an answer. */
  readonly status: number | null;
  readonly error: ApiError;
  /** `Retry-After` of a 429 or 503. */
  readonly retryAfterMs?: number;
}

/** An answer, or why there is none. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: RequestProblem };

/** What the transport threw: the error's own code (`ECONNREFUSED`, `ENOENT`), else `UNREACHABLE`. */
export function unreachable(thrown: unknown): RequestProblem {
  const code = codeOf(thrown) ?? 'UNREACHABLE';
  const message = thrown instanceof Error ? thrown.message : 'no connection';
  return { kind: 'unreachable', status: null, error: { code, message, details: null } };
}

function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** A body that is not what was asked for. */
export const malformed = (status: number, message: string): RequestProblem => ({
  kind: 'malformed',
  status,
  error: { code: 'MALFORMED', message, details: null },
});

/** An answer with an error's status: taken from the body if it has the documented shape. */
export function refused(status: number, body: string, retryAfter: string | null): RequestProblem {
  const error = parseError(body) ?? {
    code: `HTTP_${status}`,
    message: `HTTP status ${status}`,
    details: null,
  };
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  const wait = Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {};
  return { kind: 'refused', status, error, ...wait };
}

function parseError(body: string): ApiError | undefined {
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null || !('error' in value)) return undefined;
  const { error } = value;
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error))
    return undefined;
  const { code, message } = error;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  const details = 'details' in error ? (error.details as Json) : null;
  return { code, message, details };
}

/** undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
