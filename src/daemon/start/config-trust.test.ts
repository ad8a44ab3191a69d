import { expect, test } from 'bun:test';
import { configTrust, hasCapabilities } from './config-trust.ts';

const status = (permitted: string): string =>
  `CapInh:\t0000000000000000\nCapPrm:\t${permitted}\nCapEff:\t0000000000000000\n`;

test('a process has capabilities where its permitted set is not empty', () => {
  const sets = ['0000000000000000', '0000000000001000', '000001ffffffffff', '8000000000000000'];
  expect(sets.map((set) => hasCapabilities(status(set)))).toEqual([false, true, true, true]);
});

test('who has capabilities obeys root and itself, and who has none obeys anybody', () => {
  const uid = process.geteuid?.() ?? 0;
  expect(configTrust(status('0000000000001000'))?.owners).toContain(uid);
  expect(configTrust(status('0000000000000000')) === undefined).toBe(uid !== 0);
});
