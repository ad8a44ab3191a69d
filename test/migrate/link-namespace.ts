/** A network namespace with one link, `nd7`, for programs that look at the link as it is. */
import { spawnSync } from 'node:child_process';

export interface Ran {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly err: string;
}

/** The link's addresses, also for netevd. */
export const linkName = 'nd7';
export const addresses = ['192.0.2.5', '192.0.2.6', '2001:db8::5'] as const;

/** `/sys` of the namespace shows its own links. */
const prelude = `
mount -t sysfs sysfs /sys
ip link set lo up
ip link add ${linkName} type veth peer name peer7
ip link set peer7 up
ip link set ${linkName} up
ip address add 192.0.2.5/24 dev ${linkName}
ip address add 192.0.2.6/24 dev ${linkName}
ip address add 2001:db8::5/64 dev ${linkName} nodad
`;

export const hasNamespaces: boolean =
  spawnSync('unshare', ['-Urnm', 'sh', '-ec', `${prelude}`], { stdio: 'ignore' }).status === 0;

/** Runs `command` in a namespace of its own, with `environment` and nothing else; `before` is sh(1) that prepares it. */
export function runWithLink(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  before: string = prelude,
): Ran {
  const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const script = `${before}\nexec env -i "$@"`;
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['-Urnm', 'sh', '-ec', script, 'sh', ...words, ...command],
    {
      encoding: 'utf8',
      timeout: 30_000,
    },
  );
  return { code: status, lines: stdout.split('\n').filter((line) => line !== ''), err: stderr };
}
