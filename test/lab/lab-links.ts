/** Test links of a lab: veth pairs whose other end lives in the network namespace `peer`. */
import type { RunOptions } from './lab-process.ts';

/** What `add` sets up: a DHCP server on the peer, a static address on the link, or neither. */
export type LinkKind = 'dhcp' | 'static' | 'none';

/** The part of a lab that links need. */
export interface LabCommands {
  ok(command: readonly string[], options?: RunOptions): Promise<string>;
}

/**
 * The name decides who manages a link: `nd*` systemd-networkd, `nm*` NetworkManager, all others nobody. Link number
 * N has ifindex 1000 + N and the subnet 10.77.N.0/24; the peer is 10.77.N.1, a static link 10.77.N.2.
 */
export class LabLinks {
  readonly #lab: LabCommands;

  constructor(lab: LabCommands) {
    this.#lab = lab;
  }

  /** Makes the link `name` with its peer, which is up. `n`: 1 to 250. `lease`: dnsmasq's spelling, default 1h. */
  async add(name: string, n: number, kind: LinkKind, lease = '1h'): Promise<void> {
    await this.#lab.ok(['labnet', 'add', name, String(n), kind, lease]);
  }

  /** Plugs or pulls the cable. */
  async carrier(name: string, state: 'on' | 'off'): Promise<void> {
    await this.#lab.ok(['labnet', 'carrier', name, state]);
  }

  /** Starts or stops the DHCP server of a link that was added with `dhcp`. */
  async dhcp(name: string, state: 'on' | 'off'): Promise<void> {
    await this.#lab.ok(['labnet', 'dhcp', name, state]);
  }

  async remove(name: string): Promise<void> {
    await this.#lab.ok(['labnet', 'del', name]);
  }
}
