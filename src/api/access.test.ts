import { describe, expect, test } from 'bun:test';
import type { HttpCaller } from '../ports/http.ts';
import { accessProblem, isLoopbackHost, originProblem, type TcpPolicy } from './access.ts';
import type { Access } from './endpoint.ts';

const token = 'secret-token-of-the-test';
const read: HttpCaller = { door: 'read' };
const control: HttpCaller = { door: 'control', process: { uid: 0, pid: 1 } };
const tcp: HttpCaller = { door: 'tcp', address: '127.0.0.1' };
const foreign: HttpCaller = { door: 'tcp', address: '192.0.2.7' };
const loopback: TcpPolicy = { token: undefined, isLoopback: true };
const loopbackToken: TcpPolicy = { token, isLoopback: true };
const remote: TcpPolicy = { token, isLoopback: false };
const right = `Bearer ${token}`;
const wrong = 'Bearer secret-token-of-the-tesT';

describe('who may do what', () => {
  const rows: readonly [string, HttpCaller, TcpPolicy, string | undefined, readonly (number | 'ok')[]][] = [
    //                                                             public read secret change
    ['the socket of the group', read, loopback, undefined, ['ok', 'ok', 'ok', 403]],
    ['the control socket', control, loopback, undefined, ['ok', 'ok', 'ok', 'ok']],
    ['loopback without a token file', tcp, loopback, undefined, ['ok', 'ok', 403, 403]],
    ['loopback with one, without the token', tcp, loopbackToken, undefined, ['ok', 'ok', 401, 401]],
    ['loopback with the token', tcp, loopbackToken, right, ['ok', 'ok', 'ok', 'ok']],
    ['loopback with a wrong one', tcp, loopbackToken, wrong, ['ok', 401, 401, 401]],
    ['loopback with a token where there is none', tcp, loopback, right, ['ok', 401, 401, 401]],
    ['beyond loopback without the token', tcp, remote, undefined, ['ok', 401, 401, 401]],
    ['beyond loopback with the token', tcp, remote, right, ['ok', 'ok', 'ok', 'ok']],
    [
      'another machine, on a connection from before the address was bound to loopback',
      foreign,
      loopback,
      undefined,
      ['ok', 403, 403, 403],
    ],
    ['the same where there is a token', foreign, loopbackToken, undefined, ['ok', 401, 401, 401]],
    ['another scheme', tcp, loopbackToken, `Basic ${token}`, ['ok', 401, 401, 401]],
    ['the scheme in lower case', tcp, loopbackToken, `bearer ${token}`, ['ok', 'ok', 'ok', 'ok']],
    ['an empty header', tcp, loopbackToken, '', ['ok', 401, 401, 401]],
  ];
  test.each(rows)('%s', (_what, caller, policy, authorization, expected) => {
    const classes: readonly Access[] = ['public', 'read', 'secret', 'change'];
    const found: (number | 'ok')[] = classes.map(
      (access) => accessProblem(access, caller, authorization, policy)?.status ?? 'ok',
    );
    expect(found).toEqual([...expected]);
  });

  test('401 says how to authenticate', () => {
    expect(accessProblem('secret', tcp, undefined, loopbackToken)?.headers['www-authenticate']).toMatch(
      /^Bearer/,
    );
  });
});

describe('Host on loopback', () => {
  test.each([
    'localhost',
    'localhost:9090',
    'LOCALHOST:9090',
    '127.0.0.1',
    '127.0.0.1:80',
    '127.9.8.7:1',
    '[::1]',
    '[::1]:9090',
  ])('%p is of this machine', (host) => expect(isLoopbackHost(host)).toBe(true));

  test.each([
    undefined,
    '',
    '127.evil.com',
    '127.0.0.1.evil.com',
    'localhost.evil.com',
    'evil.com',
    '127.0.0.1, evil.com',
    'localhost, localhost',
    '192.0.2.1',
    '0.0.0.0',
    '127.1',
    '2130706433',
    '::1',
    '[::2]',
    '[127.0.0.1]',
    'localhost:x',
    'localhost:9090:1',
    'user@localhost',
    'localhost/',
  ])('%p is not', (host) => expect(isLoopbackHost(host)).toBe(false));
});

describe('requests of web pages', () => {
  const rows: readonly [
    string,
    HttpCaller,
    string | undefined,
    string | undefined,
    TcpPolicy,
    string | undefined,
  ][] = [
    ['curl on loopback', tcp, 'localhost:9090', undefined, loopback, undefined],
    ['the dashboard', tcp, 'localhost:9090', 'http://localhost:9090', loopback, undefined],
    ['the dashboard over TLS', tcp, 'localhost:9090', 'https://localhost:9090', loopback, undefined],
    ['another page', tcp, 'localhost:9090', 'http://evil.com', loopback, 'NETEVD_API_ORIGIN'],
    ['another port', tcp, 'localhost:9090', 'http://localhost:8080', loopback, 'NETEVD_API_ORIGIN'],
    ['a page without an origin', tcp, 'localhost:9090', 'null', loopback, 'NETEVD_API_ORIGIN'],
    ['a name that was rebound', tcp, 'evil.com:9090', 'http://evil.com:9090', loopback, 'NETEVD_API_HOST'],
    ['a remote client by any name', tcp, 'gw1.example:9090', undefined, remote, undefined],
    ['a foreign page, remote', tcp, 'gw1.example:9090', 'http://evil.com', remote, 'NETEVD_API_ORIGIN'],
    ['curl on the socket', read, 'localhost', undefined, loopback, undefined],
    ['the command line on the socket', control, 'netevd', undefined, loopback, undefined],
    ['no host on the socket', control, '', undefined, loopback, undefined],
    ['a page through a proxy to the socket', read, 'evil.com', undefined, loopback, 'NETEVD_API_HOST'],
    ['an origin on the socket', read, 'localhost', 'http://evil.com', loopback, 'NETEVD_API_ORIGIN'],
  ];
  test.each(rows)('%s', (_what, caller, host, origin, policy, code) => {
    expect(originProblem(caller, host, origin, policy)?.code).toBe(code as never);
  });
});
