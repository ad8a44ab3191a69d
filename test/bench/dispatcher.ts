/**
 * The same question of networkd-dispatcher and of netevd, in the lab, on links of the real systemd-networkd: link down until the
 * hook's first line. Both are up all the time and take turns, sample by sample; each looks after a link of its own.
 */
import { Lab, PROJECT_INSIDE as project } from '../lab/lab.ts';
import { labAvailable } from '../lab/lab-available.ts';
import type { LabProcess } from '../lab/lab-process.ts';
import { compiled, percentile } from './tools.ts';

export interface DispatcherFigures {
  readonly daemon: string;
  readonly samples: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
}

const coldSamples = 10;

interface Runner {
  readonly daemon: string;
  readonly watch: LabProcess;
  readonly samples: number[];
}

const hook = (link: string, variable: string): string =>
  `#!/bin/sh\n[ "$${variable}" = ${link} ] || exit 0\necho x >/run/${link}.fifo\n`;

/** The stopwatch on a link that networkd manages and that never gets an address. */
async function watch(lab: Lab, link: string, n: number): Promise<LabProcess> {
  await lab.ok(['mkfifo', `/run/${link}.fifo`]);
  await lab.links.add(link, n, 'none');
  return lab.spawn([`${project}/build/bench/event-to-hook`, 'measure', link, `/run/${link}.fifo`]);
}

async function startDispatcher(lab: Lab): Promise<Runner> {
  await lab.write('/etc/networkd-dispatcher/off.d/10-hook', hook('nd1', 'IFACE'), 0o755);
  const process = await watch(lab, 'nd1', 1);
  await lab.ok(['systemctl', 'unmask', 'networkd-dispatcher']);
  await lab.ok(['systemctl', 'start', 'networkd-dispatcher']);
  return { daemon: 'networkd-dispatcher', watch: process, samples: [] };
}

async function startNetevd(lab: Lab): Promise<Runner> {
  await lab.ok(['systemd-sysusers', `${project}/packaging/sysusers.d/netevd.conf`]);
  await lab.write('/etc/netevd/off.d/10-hook', hook('nd2', 'LINK'), 0o755);
  const process = await watch(lab, 'nd2', 2);
  await lab.ok(['chmod', '666', '/run/nd2.fifo']);
  const unit = ['--property=Type=notify', '--property=User=netevd', '--property=RuntimeDirectory=netevd'];
  await lab.write('/etc/netevd/netevd.yaml', 'monitoring: { interfaces: [nd2] }\n');
  await lab.ok(['systemd-run', '--unit=netevd-bench', ...unit, `${project}/build/netevd`]);
  return { daemon: 'netevd', watch: process, samples: [] };
}

async function sample(lab: Lab, { daemon, watch, samples }: Runner): Promise<void> {
  watch.take();
  watch.write('\n');
  await lab.until(`a hook of ${daemon}`, () => watch.stdout.endsWith('\n'), 10_000);
  samples.push(Number(watch.stdout.split(' ')[0]));
}

/** Undefined where no lab can be booted, with the reason on stderr. */
export async function measureDispatcher(isBrief: boolean): Promise<DispatcherFigures[] | undefined> {
  const available = labAvailable();
  if (!available.ok) {
    process.stderr.write(`networkd-dispatcher is not measured: ${available.reason}\n`);
    return undefined;
  }
  compiled('event-to-hook');
  await using lab = await Lab.boot({ name: 'bench' });
  const runners = [await startDispatcher(lab), await startNetevd(lab)];
  const count = (isBrief ? 10 : 300) + coldSamples;
  for (let i = 0; i < count; i++) for (const runner of runners) await sample(lab, runner);
  return runners.map(({ daemon, samples }) => {
    const counted = samples.slice(coldSamples);
    return {
      daemon,
      samples: counted.length,
      p50: percentile(counted, 0.5),
      p99: percentile(counted, 0.99),
    };
  });
}
