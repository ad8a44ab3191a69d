/**
 * Records histories of a kernel: `unshare -Urnm bun test/replay/record.ts NAME < COMMANDS`, with one `ip` command a line,
 * `wait MS` lines between them, and `lose` for a loss of messages. Writes
 * histories/NAME.recording.jsonl. The facts are 100 ms apart: what the machine needed for a command is of no interest.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFacts, encodeHeader } from '../../src/core/recording/recording.ts';
import { LiveKernel } from '../kernel/live-kernel.ts';

const name = process.argv[2];
if (name === undefined || !/^[a-z0-9-]+$/.test(name)) throw new Error('usage: record.ts NAME < COMMANDS');

await using live = new LiveKernel();
await live.synced();
for (const line of readFileSync('/dev/stdin', 'utf8').trim().split('\n')) {
  if (line.startsWith('wait ')) await Bun.sleep(Number(line.slice(5)));
  else if (line === 'lose') live.take({ kind: 'sourceLostSync', source: 'kernel', cause: 'overrun' });
  else if (spawnSync('ip', line.split(' '), { stdio: 'inherit' }).status !== 0) throw new Error(`ip ${line}`);
  await live.synced();
}
const file = join(import.meta.dirname, 'histories', `${name}.recording.jsonl`);
const header = encodeHeader({ startedAt: Date.now(), backend: 'auto', isRedacted: false });
const lines = live.facts.map((fact, i) => encodeFacts({ after: i * 100, facts: [fact] }));
writeFileSync(file, `${[header, ...lines].join('\n')}\n`);
