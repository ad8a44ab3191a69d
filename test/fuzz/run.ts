/**
 * Runs every `*.fuzz.ts` of a folder one after the other, with the time shared among them. A fuzzer that finds something, dies
 * or does not end makes the exit code 1; its own output contains the finding and the seed.
 *
 *   bun test/fuzz/run.ts [SECONDS] [SEED] [FOLDER]     60, by the clock, this folder
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A fuzzer looks at the clock between two inputs; one that is this late hangs, which is a finding too. */
const graceSeconds = 30;

function fuzz(file: string, seconds: number, seed: number): boolean {
  const { status, signal, error } = spawnSync(process.execPath, [file, String(seconds), String(seed)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: (seconds + graceSeconds) * 1000,
    killSignal: 'SIGKILL',
  });
  if (status === 0) return true;
  const how = status ?? signal ?? error?.message ?? 'unknown';
  process.stdout.write(`FOUND by ${file}, seed ${seed} (${how}): bun ${file} ${seconds} ${seed}\n`);
  return false;
}

function main([secondsWord = '60', seedWord, folder = import.meta.dir]: readonly string[]): number {
  const seconds = Number(secondsWord);
  const seed = seedWord === undefined ? Date.now() % 0x7fffffff : Number(seedWord);
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.fuzz.ts'))
    .sort();
  if (files.length === 0 || !(seconds > 0) || !Number.isInteger(seed)) {
    process.stderr.write('usage: run.ts [SECONDS] [SEED] [FOLDER WITH *.fuzz.ts]\n');
    return 2;
  }
  const share = seconds / files.length;
  const clean = files.map((name) => fuzz(join(folder, name), share, seed));
  process.stdout.write(
    `${files.length} fuzzers in ${seconds} s, ${clean.filter((ok) => !ok).length} with findings\n`,
  );
  return clean.every(Boolean) ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
