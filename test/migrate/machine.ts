/** Machines to migrate: directories that stand for `/`, and the command run on them. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type MigrateOptions, runMigrateCommand } from '../../src/cli/local/migrate-command.ts';
import type { CommandIo, OutputFormat } from '../../src/cli/render/output.ts';
import type { RoutingEffect, RoutingOutcome } from '../../src/core/routing/plan/routing-effect.ts';
import { FakeKernel } from '../../src/testing/fake-kernel.ts';

export const fixtures: string = join(import.meta.dir, '../fixtures/migrate');
export const scratch: string = realpathSync(mkdtempSync(join(tmpdir(), 'netevd-migrate-')));

/** The programs of the fixtures, and where their files are. */
export const places: Readonly<Record<string, string>> = {
  'network-broker': 'etc/network-broker',
  'networkd-dispatcher': 'etc/networkd-dispatcher',
  NetworkManager: 'etc/NetworkManager',
  ifupdown: 'etc/network',
};

let machines = 0;
/** A directory that stands for `/`, with the files of these programs. */
export function machine(...sources: readonly string[]): string {
  const root = join(scratch, String(machines++));
  mkdirSync(join(root, 'etc'), { recursive: true });
  for (const source of sources) {
    cpSync(join(fixtures, source), join(root, places[source] ?? ''), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
  return root;
}

/** A file of a machine; directories are made. */
export function write(root: string, path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
}

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as the command line would. */
export async function migrate(
  root: string,
  over: Partial<MigrateOptions> = {},
  kernel: FakeKernel = new FakeKernel(),
): Promise<Result> {
  const out: string[] = [];
  const err: string[] = [];
  const io: CommandIo = {
    stdout: { write: (text) => void out.push(text) },
    stderr: { write: (text) => void err.push(text) },
    isTerminal: false,
    env: {},
  };
  const options: MigrateOptions = {
    sources: [],
    apply: false,
    removeStaleRouting: false,
    config: '/etc/netevd/netevd.yaml',
    format: 'json' as OutputFormat,
    ...over,
  };
  const run = (effects: readonly RoutingEffect[]): Promise<readonly RoutingOutcome[]> =>
    Promise.resolve(effects.map((effect) => ({ effect, result: kernel.apply(effect) })));
  const routing = { dumpKernel: () => Promise.resolve(kernel.snapshot()), run };
  const code = await runMigrateCommand(options, io, { root, routing });
  return { code, out: out.join(''), err: err.join('') };
}

/** Its JSON. */
export interface Told {
  readonly applied: boolean;
  readonly sources: readonly {
    readonly source: string;
    readonly files: readonly { readonly path: string; readonly state: string; readonly role: string }[];
    readonly scripts: readonly { readonly script: string; readonly how: string }[];
    readonly unknown_keys: readonly { readonly key: string }[];
    readonly next: readonly string[];
  }[];
  readonly stale_routing: readonly { readonly state: string }[];
  readonly problems: readonly { readonly code: string; readonly file: string; readonly line: number }[];
}
export const told = ({ out }: Result): Told => JSON.parse(out) as Told;
/** What became of the files, each kind once. */
export const states = (result: Result): readonly string[] => [
  ...new Set(told(result).sources.flatMap(({ files }) => files.map(({ state }) => state))),
];

/** Every file below a directory, with mode and content. */
export function tree(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => existsSync(join(root, name)) && statSync(join(root, name)).isFile())
    .map(
      (name) =>
        `${name} ${statSync(join(root, name)).mode.toString(8)} ${readFileSync(join(root, name), 'latin1')}`,
    )
    .sort();
}

export const all: readonly string[] = Object.keys(places);
