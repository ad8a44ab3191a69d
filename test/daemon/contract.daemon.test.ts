/** schemathesis asks the built daemon everything that the OpenAPI document allows, and much that it does not. */
import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasApiTools, runPython } from '../api/tools.ts';
import { Site } from './daemon-under-test.ts';
import { Cable, ip } from './links.ts';

const token = 'a-token-for-the-tests-of-the-api';
const program = 'from schemathesis.cli import schemathesis; schemathesis()';

test.skipIf(!hasApiTools)(
  'the API is as its document says (schemathesis)',
  async () => {
    using site = new Site();
    using cable = new Cable('eth0', 1);
    cable.up();
    cable.plug();
    ip('addr add 192.0.2.10/24 dev eth0');
    const tokenFile = join(site.root, 'token');
    writeFileSync(tokenFile, token, { mode: 0o600 });
    await using daemon = await site.start({ config: { api: { port: 0, token_file: tokenFile } } });
    const port = Number((await daemon.logged({ door: 'tcp' }))['port']);
    const explain = '/api/v1/routing/explain';
    const runs = [
      // The stream never ends; its own tests are in stream.daemon.test.ts.
      ['--exclude-path', '/api/v1/events/stream', '--exclude-path', explain],
      // No document can say that two parameters must be of one address family.
      ['--include-path', explain, '--exclude-checks', 'positive_data_acceptance'],
    ];
    for (const selection of runs) {
      const { status, output } = runPython(program, [
        ...['run', `http://127.0.0.1:${port}/openapi.json`, '--checks', 'all', '-n', '20', '--seed', '1'],
        ...['-H', `Authorization: Bearer ${token}`, '--request-timeout', '10', ...selection],
      ]);
      if (status !== 0) process.stderr.write(output);
      expect(status).toBe(0);
    }
  },
  180_000,
);
