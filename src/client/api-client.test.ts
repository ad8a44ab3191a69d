import { describe, expect, test } from 'bun:test';
import { ApiClient, configProblems } from './api-client.ts';
import { fetchTransport, type TransportRequest } from './transport.ts';

interface Sent extends TransportRequest {
  readonly path: string;
}

/** A client whose requests are answered in their order, and what it sent. */
function clientFor(...answers: (() => Response)[]): { client: ApiClient; sent: Sent[] } {
  const sent: Sent[] = [];
  const client = new ApiClient((path, request) => {
    sent.push({ path, ...request });
    const answer = answers[sent.length - 1];
    return answer === undefined ? Promise.reject(new Error('no more answers')) : Promise.resolve(answer());
  });
  return { client, sent };
}

describe('a client', () => {
  test('asks for the path with its parameters and query', async () => {
    const { client, sent } = clientFor(() => Response.json({ name: 'eth0' }));
    const answer = await client.get('/api/v1/interfaces/{name}', { parameters: { name: 'eth0' } });
    expect(answer).toEqual({ ok: true, value: { name: 'eth0' } as never });
    expect(sent[0]?.path).toBe('/api/v1/interfaces/eth0');
  });

  test('gives the same object while the server says that nothing changed', async () => {
    const { client, sent } = clientFor(
      () => Response.json({ status: 'ok' }, { headers: { etag: '"e.1"' } }),
      () => new Response(null, { status: 304 }),
    );
    const first = await client.get('/api/v1/status');
    const second = await client.get('/api/v1/status');
    expect(sent[1]?.headers?.['if-none-match']).toBe('"e.1"');
    expect(first.ok && second.ok && first.value === second.value).toBe(true);
  });

  test('passes on the error of the server', async () => {
    const error = { code: 'NETEVD_API_UNAUTHORIZED', message: 'needs the token', details: null };
    const { client } = clientFor(() => Response.json({ error }, { status: 401 }));
    expect(await client.get('/api/v1/config')).toEqual({
      ok: false,
      problem: { kind: 'refused', status: 401, error },
    });
  });

  test('keeps what a busy server asks for', async () => {
    const { client } = clientFor(() => new Response('', { status: 503, headers: { 'retry-after': '7' } }));
    const answer = await client.get('/api/v1/status');
    expect(answer.ok ? undefined : answer.problem).toMatchObject({ status: 503, retryAfterMs: 7000 });
  });

  const odd: readonly (readonly [string, () => Response, string])[] = [
    ['a page of another server', () => new Response('<h1>Hello</h1>'), 'malformed'],
    ['a number', () => Response.json(7), 'malformed'],
    ['an error without the documented body', () => new Response('<h1>Bad</h1>', { status: 502 }), 'refused'],
  ];
  for (const [name, answer, kind] of odd) {
    test(`reports ${name} as ${kind}`, async () => {
      const result = await clientFor(answer).client.get('/api/v1/status');
      expect(result.ok ? 'ok' : result.problem.kind).toBe(kind as never);
    });
  }

  test('reports why there is no answer by the code of the transport', async () => {
    const client = new ApiClient(() =>
      Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' })),
    );
    const result = await client.get('/api/v1/status');
    expect(result.ok ? undefined : [result.problem.kind, result.problem.error.code]).toEqual([
      'unreachable',
      'ECONNREFUSED',
    ]);
  });

  test('lists the errors that made a reload fail', async () => {
    const details = [{ file: 'f', line: 3, column: 1, key: 'a.b', message: 'm' }];
    const { client, sent } = clientFor(() =>
      Response.json({ error: { code: 'config_invalid', message: 'no', details } }, { status: 400 }),
    );
    const result = await client.reload();
    expect(sent[0]?.method).toBe('POST');
    expect(result.ok ? [] : configProblems(result.problem)).toEqual(details);
  });
});

test('the transport over fetch sends the token once there is one', async () => {
  const seen: (string | null)[] = [];
  let token: string | undefined;
  const transport = fetchTransport(
    (url, init) => {
      seen.push(url, new Headers(init.headers).get('authorization'));
      return Promise.resolve(new Response('{}'));
    },
    'http://h:1',
    () => token,
  );
  await transport('/a', {});
  token = 's3cret';
  await transport('/b', { headers: { accept: 'x' } });
  expect(seen).toEqual(['http://h:1/a', null, 'http://h:1/b', 'Bearer s3cret']);
});
