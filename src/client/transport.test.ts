import { expect, test } from 'bun:test';
import { fetchTransport } from './transport.ts';

test('a server that redirects is not followed: with the token or a change, a third would get it', async () => {
  using elsewhere = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('{}') });
  using server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => Response.redirect(`http://127.0.0.1:${elsewhere.port}/`, 307),
  });
  const transport = fetchTransport(fetch, `http://127.0.0.1:${server.port}`, () => undefined);
  await expect(transport('/api/v1/reload', { method: 'POST' })).rejects.toThrow();
});
