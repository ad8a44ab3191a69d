/** A DHCP server whose answers a test decides, and real dhclients. */
import type { Lab } from './lab.ts';

export interface DhcpAnswers {
  /** Last parts of the first and the last address: of 10.77.N.0/24, and of fdnn:N::/64. */
  readonly range: readonly [number, number];
  readonly dns?: string;
  readonly domain?: string;
  readonly hostName?: string;
  readonly ipv6?: { readonly dns: string; readonly domain: string };
}

/** The server at the other end of a link that was added as `none`. Starting it again gives other answers. */
export class LabDhcp {
  readonly #lab: Lab;
  readonly #link: string;
  readonly #number: number;

  constructor(lab: Lab, link: string, number: number) {
    this.#lab = lab;
    this.#link = link;
    this.#number = number;
  }

  async start(answers: DhcpAnswers): Promise<void> {
    await this.stop();
    await this.#lab.ok(['ip', 'netns', 'exec', 'peer', 'dnsmasq', ...this.#options(answers)]);
  }

  async stop(): Promise<void> {
    const file = this.#file('pid');
    // Waits for the end: the port is taken until then.
    const script = `[ ! -s ${file} ] || { pid=$(cat ${file}); kill $pid; while [ -e /proc/$pid ]; do read -t 0.01 -r _ <> <(:) || :; done; rm -f ${file}; }`;
    await this.#lab.ok(['bash', '-c', script]);
  }

  #file(what: string): string {
    return `/run/labnet/${this.#link}.own-${what}`;
  }

  #options({ range: [first, last], dns, domain, hostName, ipv6 }: DhcpAnswers): string[] {
    const n = this.#number;
    const option = (name: string, value: string | undefined): string[] =>
      value === undefined ? [] : [`--dhcp-option=${name},${value}`];
    const six = ipv6 && [
      `--dhcp-range=fd77:${n}::${first},fd77:${n}::${last},64,1h`,
      '--enable-ra',
      ...option('option6:dns-server', `[${ipv6.dns}]`),
      ...option('option6:domain-search', ipv6.domain),
    ];
    return [
      '--conf-file=/dev/null',
      `--interface=${this.#link}p`,
      '--except-interface=lo',
      '--bind-dynamic',
      '--port=0',
      '--no-ping',
      '--dhcp-authoritative',
      `--dhcp-range=10.77.${n}.${first},10.77.${n}.${last},1h`,
      ...option('option:router', `10.77.${n}.1`),
      ...option('option:dns-server', dns),
      ...option('option:domain-name', domain),
      ...option('12', hostName),
      ...(six ?? []),
      `--dhcp-leasefile=${this.#file('leases')}`,
      `--pid-file=${this.#file('pid')}`,
      `--log-facility=${this.#file('log')}`,
    ];
  }
}

/** Starts a dhclient that stays; resolves when it has its lease. `config`: lines of dhclient.conf(5). */
export async function dhclient(lab: Lab, link: string, family: 4 | 6 = 4, config = ''): Promise<void> {
  const name = family === 4 ? link : `${link}-6`;
  await lab.write(`/tmp/dhclient-${name}.conf`, `${config}\n`);
  await lab.ok(['dhclient', `-${family}`, '-1', ...places(name), link]);
}

/** Gives the lease back and ends the dhclient. */
export async function release(lab: Lab, link: string, family: 4 | 6 = 4): Promise<void> {
  const name = family === 4 ? link : `${link}-6`;
  await lab.ok(['dhclient', `-${family}`, '-r', ...places(name), link]);
}

/** Ends the dhclient as a crash would. */
export async function killDhclient(lab: Lab, link: string): Promise<void> {
  await lab.ok(['sh', '-c', `kill -9 $(cat /run/dhclient.${link}.pid)`]);
}

export const leaseFile = (name: string): string => `/var/lib/dhcp/dhclient.${name}.leases`;

const places = (name: string): string[] => [
  '-cf',
  `/tmp/dhclient-${name}.conf`,
  '-lf',
  leaseFile(name),
  '-pf',
  `/run/dhclient.${name}.pid`,
];
