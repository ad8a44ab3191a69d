/** Who may do what. Pure: decides on the door, the token and the headers of a request. */
import { parseIp } from '../core/model/address.ts';
import type { HttpCaller } from '../ports/http.ts';
import type { Access } from './endpoint.ts';
import { type ApiProblem, problem } from './problem.ts';
import { quote } from './query.ts';

/** What applies to TCP. */
export interface TcpPolicy {
  /** Of `api.token_file`; undefined where none is configured. */
  readonly token: string | undefined;
  /** Whether `api.bind_address` is a loopback address. */
  readonly isLoopback: boolean;
}

/** Undefined where the request may go on. `authorization`: the header. */
export function accessProblem(
  access: Access,
  caller: HttpCaller,
  authorization: string | undefined,
  policy: TcpPolicy,
): ApiProblem | undefined {
  if (caller.door === 'control' || access === 'public') return undefined;
  if (caller.door === 'read') return access === 'change' ? readOnly : undefined;
  if (authorization !== undefined) return isValidToken(authorization, policy.token) ? undefined : wrongToken;
  if (isOnLoopback(caller, policy) && access === 'read') return undefined;
  if (policy.token !== undefined) return tokenMissing;
  return access === 'change' ? changeWithoutToken : secretWithoutToken;
}

/**
 * Whether the caller came over the loopback link. The address that is bound now does not say so: a request that began on a
 * listener which a reload has closed is still answered.
 */
const isOnLoopback = ({ address }: HttpCaller, policy: TcpPolicy): boolean =>
  policy.isLoopback && (address === undefined || isLoopbackAddress(address));

const readOnly = problem(
  403,
  'NETEVD_API_FORBIDDEN',
  'this socket is for reading; root makes changes through the control socket: sudo netevd reload, or systemctl reload netevd',
);
const challenge = { 'www-authenticate': 'Bearer realm="netevd"' };
const wrongToken = problem(
  401,
  'NETEVD_API_UNAUTHORIZED',
  'the token is not the one in api.token_file',
  null,
  { 'www-authenticate': 'Bearer realm="netevd", error="invalid_token"' },
);
const tokenMissing = problem(
  401,
  'NETEVD_API_UNAUTHORIZED',
  'this needs the token of api.token_file: Authorization: Bearer TOKEN',
  null,
  challenge,
);
const changeWithoutToken = problem(
  403,
  'NETEVD_API_FORBIDDEN',
  'changes over TCP need a token: set api.token_file, or use the control socket (sudo netevd reload)',
);
const secretWithoutToken = problem(
  403,
  'NETEVD_API_FORBIDDEN',
  'every local user can connect here, so this needs a token: set api.token_file, or use the socket netevd.sock',
);

/** RFC 6750: `Bearer`, in any case, and the token. Takes as long for any token of the same length. */
export function isValidToken(authorization: string, token: string | undefined): boolean {
  const [, given] = /^bearer +([^\s]+) *$/i.exec(authorization) ?? [];
  if (given === undefined || token === undefined || given.length !== token.length) return false;
  let difference = 0;
  for (let at = 0; at < token.length; at++) difference |= given.charCodeAt(at) ^ token.charCodeAt(at);
  return difference === 0;
}

/**
 * Refuses requests that a foreign web page makes (DNS rebinding, cross-site requests): a browser names the page's own
 * host, or its origin. Beyond loopback every request needs the token, which no page has.
 */
export function originProblem(
  caller: HttpCaller,
  host: string | undefined,
  origin: string | undefined,
  policy: TcpPolicy,
): ApiProblem | undefined {
  const isLocal = caller.door === 'read' || caller.door === 'control';
  if (!isLocal && !isOnLoopback(caller, policy))
    return origin === undefined ? undefined : originOf(host, origin);
  if (!(isLocal ? isSocketHost(host) : isLoopbackHost(host))) {
    const expected = isLocal ? 'netevd or localhost' : 'localhost or a loopback address';
    return problem(403, 'NETEVD_API_HOST', `Host is ${quote(host ?? '')}, expected ${expected}`);
  }
  return origin === undefined ? undefined : originOf(host, origin);
}

function originOf(host: string | undefined, origin: string): ApiProblem | undefined {
  if (host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)) return undefined;
  return problem(403, 'NETEVD_API_ORIGIN', `requests of the page at ${quote(origin)} are refused`);
}

const isSocketHost = (host: string | undefined): boolean =>
  host === undefined || host === '' || host === 'netevd' || host === 'localhost';

/** The name alone counts: a port that is forwarded by ssh(1) has another number here than there. */
export function isLoopbackHost(host: string | undefined): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(host ?? '') ?? [];
  if (plain?.toLowerCase() === 'localhost') return true;
  const text = bracketed ?? plain;
  const address = text === undefined ? undefined : parseIp(text);
  if (address === undefined || (bracketed !== undefined) !== address.includes(':')) return false;
  return isLoopbackAddress(address);
}

/** Whether the address is of this machine's loopback link: 127.0.0.0/8 or ::1. */
export const isLoopbackAddress = (address: string): boolean =>
  address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
