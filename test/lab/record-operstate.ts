/**
 * Records test/fixtures/operstate: `bun test/lab/record-operstate.ts FILE CHANGES SEED...`, as root. Runs random
 * changes in a lab, one for each seed, and writes every row that no earlier row equals in what can matter.
 */
import { Lab } from './lab.ts';
import { NetworkdOracle } from './networkd-oracle.ts';
import { type Row, rowKey, rowsOf } from './operstate-rows.ts';
import { NETWORKD_FILES, randomChanges } from './random-changes.ts';

const [file, count, ...seeds] = process.argv.slice(2);
if (file === undefined || seeds.length === 0)
  throw new Error('usage: record-operstate.ts FILE CHANGES SEED...');

const rows = new Map<string, Row>();
for (const seed of seeds) process.stdout.write(await record(Number(seed), Number(count)));
await Bun.write(file, [...rows.values()].map((row) => `${JSON.stringify(row)}\n`).join(''));

async function record(seed: number, changes: number): Promise<string> {
  await using lab = await Lab.boot({ name: `record-operstate-${seed}` });
  for (const [path, text] of Object.entries(NETWORKD_FILES)) await lab.write(path, text);
  await lab.ok(['networkctl', 'reload']);
  await using shell = await lab.shell();
  const oracle = new NetworkdOracle(shell);
  const start = performance.now();
  let restarts = 0;
  let lags = 0;
  for (const change of randomChanges(seed, changes)) {
    await shell.run(change.script);
    const verdict = await oracle.ask();
    restarts += verdict.restarted ? 1 : 0;
    lags += verdict.lagging.size > 0 ? 1 : 0;
    for (const row of rowsOf(verdict)) {
      const key = rowKey(row);
      if (!rows.has(key)) rows.set(key, row);
    }
  }
  const seconds = Math.round((performance.now() - start) / 1000);
  const helped = `networkd restarted ${restarts} times, lagging ${lags} times`;
  return `seed ${seed}: ${changes} changes in ${seconds} s, ${helped}; ${rows.size} rows by now\n`;
}
