/** Whether a lab can be booted on this machine; where not, the reason in words. */
import { describe } from 'bun:test';
import { existsSync } from 'node:fs';

export type LabAvailability = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const SCRIPTS: string = import.meta.dir;
/** A first build downloads and unpacks a Debian root. */
const IMAGE_DEADLINE_MS = 600_000;

let known: LabAvailability | undefined;

/**
 * Looks once per process, and builds the lab's image where it does not exist yet (half a minute). With
 * `NETEVD_LAB=require` in the environment a lab that cannot boot is an error instead of a reason to skip: for
 * machines that are known to be able to.
 */
export function labAvailable(): LabAvailability {
  known ??= look();
  if (!known.ok && process.env['NETEVD_LAB'] === 'require') throw new Error(`no lab: ${known.reason}`);
  return known;
}

function look(): LabAvailability {
  if (process.platform !== 'linux') return no('not Linux');
  if (process.getuid?.() !== 0) return no('not root');
  for (const tool of ['bash', 'unshare', 'nsenter', 'setpriv', 'pgrep', 'ip']) {
    if (Bun.which(tool) === null) return no(`${tool} is not installed`);
  }
  if (Bun.which('mmdebstrap') === null && Bun.which('apt-get') === null) {
    return no('mmdebstrap is not installed, nor apt-get to install it with');
  }
  const namespaces = Bun.spawnSync(
    [
      'unshare',
      '--mount',
      '--pid',
      '--net',
      '--uts',
      '--ipc',
      '--fork',
      'mount',
      '-t',
      'tmpfs',
      'probe',
      '/mnt',
    ],
    { stdout: 'ignore', stderr: 'pipe', timeout: 10_000 },
  );
  if (namespaces.exitCode !== 0) return no(`no namespaces: ${lastLine(namespaces.stderr.toString())}`);
  if (!existsSync('/sys/fs/cgroup')) return no('no cgroup file system');
  const image = Bun.spawnSync([`${SCRIPTS}/image.sh`], {
    stdout: 'ignore',
    stderr: 'pipe',
    timeout: IMAGE_DEADLINE_MS,
  });
  return image.exitCode === 0 ? { ok: true } : no(`no image: ${lastLine(image.stderr.toString())}`);
}

const no = (reason: string): LabAvailability => ({ ok: false, reason });

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** A suite that needs a lab. Without one its tests are skipped, under a name that says why. */
export function describeLab(title: string, suite: () => void): void {
  const lab = labAvailable();
  if (lab.ok) describe(title, suite);
  else describe.skip(`${title} [no lab here: ${lab.reason}]`, suite);
}
