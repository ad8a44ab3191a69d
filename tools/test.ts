/**
 * Runs every test and ends with one line of sums. A suite that cannot run here is named and counted as skipped,
 * never as passed; one that dies without a report is a failure.
 *
 *   bun tools/test.ts [unit|cross|native|prometheus|kernel|daemon|root|lab|browsers ...]     all of them when none is named
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { chromiumPath } from '../test/web/chromium.ts';

interface Sums {
  passed: number;
  failed: number;
  skipped: number;
}

interface Suite {
  readonly name: string;
  /** What keeps it from running on this machine. */
  readonly obstacle: () => string | undefined;
  readonly run: () => Sums;
}

const root = join(import.meta.dir, '..');
const scratch = mkdtempSync(join(tmpdir(), 'netevd-test-'));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function works(command: readonly string[]): boolean {
  return spawnSync(command[0] ?? '', command.slice(1), { stdio: 'ignore' }).status === 0;
}

function below(folder: string, ending: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();
}

let reports = 0;
/** One run of `bun test` over `files`, behind `wrapper`, and what its report says. */
function bunTest(files: readonly string[], wrapper: readonly string[] = []): Sums {
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const report = join(scratch, `${reports++}.xml`);
  const paths = files.map((file) => `./${file}`);
  return runBun(
    [...wrapper, process.execPath, 'test', ...options(report), ...paths],
    report,
    files.join(' '),
  );
}

const options = (report: string): string[] => [
  '--timeout=60000',
  '--only-failures',
  '--reporter=junit',
  `--reporter-outfile=${report}`,
];

function runBun([program = '', ...words]: readonly string[], report: string, what: string): Sums {
  const { status } = spawnSync(program, words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (!existsSync(report)) {
    say(`no report from: ${what}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const sums = read(readFileSync(report, 'utf8'));
  rmSync(report);
  if (status !== 0 && sums.failed === 0) sums.failed = 1;
  return sums;
}

function read(junit: string): Sums {
  const head = /<testsuites [^>]*>/.exec(junit)?.[0] ?? '';
  const count = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
  const [tests, failed, skipped] = [count('tests'), count('failures'), count('skipped')];
  return { passed: tests - failed - skipped, failed, skipped };
}

const add = (a: Sums, b: Sums): Sums => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

const eachAlone = (files: readonly string[], wrapper: readonly string[]): Sums =>
  files.map((file) => bunTest([file], wrapper)).reduce(add, { passed: 0, failed: 0, skipped: 0 });

/** A script that ends with its own line of sums, which counts. */
function script(file: string): Sums {
  const { status, stdout } = spawnSync(join(root, file), [], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  process.stdout.write(stdout);
  const [passed, failed, skipped] = (/^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(stdout) ?? [])
    .slice(1)
    .map(Number);
  if (passed === undefined || failed === undefined || skipped === undefined) {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  return { passed, failed: status !== 0 && failed === 0 ? 1 : failed, skipped };
}

/** The project is at /netevd there, and its build folder the one place that both sides see. */
function inPrivateRoot(file: string, kind?: 'real'): Sums {
  const report = `build/test-report-${process.pid}-${reports++}.xml`;
  const bun = join('/netevd', relative(root, process.execPath));
  const command = [bun, 'test', ...options(join('/netevd', report)), `/netevd/${file}`];
  const env = kind === undefined ? [] : ['env', `NETEVD_PRIVATE_ROOT=${kind}`];
  const wrapper = [...env, join(root, 'test/namespace/private-root.sh')];
  return runBun([...wrapper, ...command], join(root, report), file);
}

/** Each file in a root of its own; the small C programs are made before, for there may be no compiler in it. */
function daemonTests(ending: string, kind?: 'real'): Sums {
  if (!works(['make', '-s', '-C', root, '-f', 'native/build.mk', 'native-test-programs'])) {
    say('the programs of native/test could not be made: make -f native/build.mk native-test-programs');
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const files = below('test', ending);
  return files.map((file) => inPrivateRoot(file, kind)).reduce(add, { passed: 0, failed: 0, skipped: 0 });
}

/** The root file system of the lab is built first, when there is none: that takes as long as the network does, and has no deadline. */
function labTests(): Sums {
  const { status } = spawnSync(join(root, 'test/lab/image.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) {
    say('the root file system of the lab could not be built: test/lab/image.sh');
    return { passed: 0, failed: 1, skipped: 0 };
  }
  return eachAlone(below('test', '.lab.test.ts'), []);
}

const namespaceObstacle = (): string | undefined =>
  works(['unshare', '-Urnm', 'ip', 'link', 'set', 'lo', 'up'])
    ? undefined
    : 'this machine allows no user and network namespace (unshare -Urn), or has no iproute2';

const suites: readonly Suite[] = [
  { name: 'unit', obstacle: () => undefined, run: () => bunTest(below('src', '.test.ts')) },
  {
    name: 'cross',
    obstacle: () => undefined,
    run: () =>
      bunTest(
        below('test', '.test.ts').filter(
          (file) => !/\.(kernel|daemon|root|lab|prometheus|browser)\.test\.ts$/.test(file),
        ),
      ),
  },
  {
    name: 'native',
    obstacle: () => (works(['gcc', '--version']) ? undefined : 'gcc is missing'),
    run: () => script('native/test/sanitize.sh'),
  },
  {
    name: 'prometheus',
    obstacle: () => undefined, // its tests name what is missing
    run: () => bunTest(below('test', '.prometheus.test.ts')),
  },
  {
    name: 'kernel',
    obstacle: namespaceObstacle,
    run: () => eachAlone(below('test', '.kernel.test.ts'), ['unshare', '-Urnm']),
  },
  {
    name: 'daemon',
    obstacle: namespaceObstacle,
    run: () => daemonTests('.daemon.test.ts'),
  },
  {
    name: 'root',
    obstacle: () =>
      works(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'true'])
        ? undefined
        : 'becoming another user needs root (or setpriv is missing)',
    run: () => daemonTests('.root.test.ts', 'real'),
  },
  {
    name: 'lab',
    obstacle: () => (process.getuid?.() === 0 ? undefined : 'the lab boots a real systemd and needs root'),
    run: labTests,
  },
  {
    name: 'browsers',
    obstacle: () =>
      chromiumPath() === undefined ? 'Chromium is missing (apt-get install chromium)' : undefined,
    run: () => eachAlone(below('test', '.browser.test.ts'), []),
  },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  say(`no suite ${unknown.join(', ')}; there are ${suites.map((suite) => suite.name).join(', ')}`);
  process.exit(2);
}

let total: Sums = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
for (const suite of suites) {
  if (wanted.length > 0 && !wanted.includes(suite.name)) continue;
  const obstacle = suite.obstacle();
  const start = performance.now();
  say(`\n== ${suite.name}`);
  const sums = obstacle === undefined ? suite.run() : { passed: 0, failed: 0, skipped: 1 };
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  lines.push(
    obstacle === undefined
      ? `${suite.name}: ${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped in ${seconds} s`
      : `${suite.name}: SKIPPED, ${obstacle}`,
  );
  total = add(total, sums);
}
rmSync(scratch, { recursive: true });
say(`\n${lines.join('\n')}\n`);
say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);
