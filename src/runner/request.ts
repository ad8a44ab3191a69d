/** One line of text → the hook that is to run, or nothing. No I/O. */
import { type CheckedRequest, checkRequest } from './request-schema.ts';

/** Parses one request; never throws. */
export function parseRequest(line: string): CheckedRequest {
  let plain: unknown;
  try {
    plain = JSON.parse(line);
  } catch {
    return { ok: false, problem: 'it is not JSON' };
  }
  return checkRequest(plain);
}
