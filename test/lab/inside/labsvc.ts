/** A stand-in daemon for the lab's self-test: readiness, watchdog, reload and priorities under a hardened unit. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const notify = (...words: readonly string[]): void => {
  spawnSync('systemd-notify', words, { stdio: 'inherit' });
};
const status = readFileSync('/proc/self/status', 'utf8');
const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? '?';

function tryToWrite(path: string): string {
  try {
    writeFileSync(path, 'x');
    return 'ok';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

const rule = 'ip rule add from 10.1.2.3 table 77 && ip rule del from 10.1.2.3 table 77';
const ip = spawnSync('sh', ['-c', rule]).status;
const seen = [
  `uid=${process.getuid?.()} caps=${field('CapEff')} nnp=${field('NoNewPrivs')} etc=${tryToWrite('/etc/x')}`,
  `run=${tryToWrite('/run/labsvc/x')} state=${tryToWrite('/var/lib/labsvc/x')} ip=${ip}`,
];
process.stdout.write(`${seen.join(' ')}\n<4>a warning\n`);
setInterval(() => notify('WATCHDOG=1'), Number(process.env['WATCHDOG_USEC']) / 1000 / 3);
process.on('SIGHUP', () => {
  notify('RELOADING=1');
  notify('--ready');
});
process.on('SIGTERM', () => {
  notify('STOPPING=1');
  process.exit(0);
});
notify('--ready', '--status=at your service');
