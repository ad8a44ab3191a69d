/** A short storm in every run of the tests; the long one is part of `make bench`. */
import { beforeAll, expect, test } from 'bun:test';
import { Site } from '../daemon/daemon-under-test.ts';
import { ip } from '../daemon/links.ts';
import { makeLoadLink } from './kernel-load.ts';
import { storm } from './storm.ts';
import { missedBy } from './truth.ts';

beforeAll(makeLoadLink);

test('a storm of ten thousand messages a second is taken in, or read again where the machine is too slow', async () => {
  const { overruns, resyncs, missed, messages } = await storm(2, 0);
  expect(messages).toBeGreaterThan(0);
  expect(missed).toBe(0);
  expect(overruns === 0 || resyncs > 0).toBe(true);
}, 60_000);

test('the next daemon reports what the previous one missed', async () => {
  using site = new Site();
  await using daemon = await site.start();
  expect(await missedBy(daemon, site, () => ip('route add 198.51.100.0/24 dev load'))).toBe(1);
});
