/**
 * What the real systemd-networkd says of each link, beside what the kernel says at the same moment. Waits until
 * networkd has seen the kernel's present state and has nothing more to say about it.
 */
import { formatIpv4, formatIpv6, parseIp } from '../../src/core/model/address.ts';
import type {
  AddressState,
  AdministrativeState,
  CarrierState,
  OperationalState,
} from '../../src/core/model/vocabulary.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { type LinkDetails, parseKernelFacts } from './kernel-facts.ts';
import type { LabShell } from './lab-shell.ts';

/** What follows from the kernel alone, in the spelling of networkd's D-Bus properties. */
export interface Words {
  readonly operational: OperationalState;
  readonly carrier: CarrierState;
  readonly address: AddressState;
  readonly ipv4: AddressState;
  readonly ipv6: AddressState;
}

/** networkd's words for the host: properties of its Manager object. */
export interface HostWords extends Words {
  /** Only where some link counts for being online. */
  readonly online?: string;
}

/** networkd's words for one link. */
export interface NetworkdWords extends HostWords {
  readonly administrative: AdministrativeState;
}

export interface Snapshot {
  readonly kernel: ReadonlyMap<number, LinkDetails>;
  readonly networkd: ReadonlyMap<number, NetworkdWords>;
  readonly host: HostWords;
  /** Links of which networkd has not seen what the kernel says, with both in words. */
  readonly blind: ReadonlyMap<number, string>;
}

type Json = Readonly<Record<string, unknown>>;

/** One line of JSON each: the kernel, networkd's links, networkd's Manager, and the kernel again. */
const SCRIPT = `ip -d -j addr; echo
networkctl --json=short list; echo
busctl --json=short call org.freedesktop.network1 /org/freedesktop/network1 org.freedesktop.DBus.Properties GetAll s org.freedesktop.network1.Manager
ip -d -j addr; echo`;

/** For so long a difference between the kernel and networkd's record of it stays before it counts as lasting. */
const LASTING_MS = 400;

/**
 * The state after everything has settled: the kernel did not change while networkd was asked, networkd's own record
 * of flags, operstate, MTU, name and addresses equals the kernel's, and two readings in a row agree. Where networkd
 * keeps a record that differs from the kernel, `blind` says where: networkd 252 forgets the addresses of a link
 * that a bridge releases (docs/internals/operational-states.md). Rejects when it does not settle within `deadlineMs`.
 */
async function quietSnapshot(shell: LabShell, deadlineMs = 30_000): Promise<Snapshot> {
  let before = '';
  let since = performance.now();
  return await waitUntil(
    'networkd to settle',
    async () => {
      const reading = await read(shell);
      const text = JSON.stringify([...reading.kernel.values(), ...reading.networkd.values(), reading.host]);
      const same = text === before;
      before = text;
      if (!same) since = performance.now();
      if (reading.moving || !same) return undefined;
      return reading.blind.size === 0 || performance.now() - since > LASTING_MS ? reading : undefined;
    },
    deadlineMs,
    () => before,
  );
}

/** What it took to have networkd's word on the state that the kernel has now. */
export interface Verdict extends Snapshot {
  /** networkd was restarted, because it had lost sight of addresses. */
  readonly restarted: boolean;
  /** Links of which networkd said something else before it was made to look again, with both words. */
  readonly lagging: ReadonlyMap<number, string>;
}

/**
 * Asks networkd about one state of the kernel after another, and helps it over the two things that it overlooks:
 * it forgets the addresses of a link that a bridge releases (then it is restarted), and it computes the words of
 * bridges and their ports only when one of them changes otherwise (then a flag of each is switched on and off).
 */
export class NetworkdOracle {
  readonly #shell: LabShell;
  /** Links that networkd does not see right even after a restart. */
  #hopeless: ReadonlySet<number> = new Set();

  constructor(shell: LabShell) {
    this.#shell = shell;
  }

  async ask(): Promise<Verdict> {
    let snapshot = await quietSnapshot(this.#shell);
    const restarted = [...snapshot.blind.keys()].some((index) => !this.#hopeless.has(index));
    if (restarted) {
      await this.#shell.run('systemctl reset-failed systemd-networkd; systemctl restart systemd-networkd');
      snapshot = await quietSnapshot(this.#shell);
    }
    this.#hopeless = new Set(snapshot.blind.keys());
    const before = snapshot;
    const ports = [...before.kernel.values()].filter((link) => link.master !== undefined);
    if (ports.length > 0) {
      const masters = new Set(ports.map((port) => port.master));
      const bridges = [...before.kernel.values()].filter((link) => masters.has(link.index));
      const look = [...ports, ...bridges].map(
        ({ name }) => `link set ${name} promisc on\nlink set ${name} promisc off`,
      );
      await this.#shell.run(`ip -force -batch - <<'END'\n${look.join('\n')}\nEND`);
      snapshot = await quietSnapshot(this.#shell);
    }
    return { ...snapshot, restarted, lagging: wordsChanged(before, snapshot) };
  }
}

function wordsChanged(before: Snapshot, after: Snapshot): ReadonlyMap<number, string> {
  const text = (words: NetworkdWords | undefined): string =>
    `${words?.operational}, carrier ${words?.carrier}`;
  const changed = [...after.networkd].filter(
    ([index, words]) => text(words) !== text(before.networkd.get(index)),
  );
  return new Map(
    changed.map(([index, words]) => [index, `${text(before.networkd.get(index))}; then ${text(words)}`]),
  );
}

/** One reading of everything; `moving` where the kernel changed meanwhile. */
async function read(shell: LabShell): Promise<Snapshot & { readonly moving: boolean }> {
  const answer = await shell.run(SCRIPT);
  const lines = answer.stdout.split('\n').filter((line) => line !== '');
  const [kernelText, linksText, managerText, againText] = lines;
  if (lines.length !== 4 || !kernelText || !linksText || !managerText || !againText) {
    throw new Error(`${answer.stdout}${answer.stderr}`);
  }
  const kernel = parseKernelFacts(kernelText);
  const links = (JSON.parse(linksText) as { Interfaces: Json[] }).Interfaces;
  return {
    kernel,
    networkd: wordsByIndex(links),
    host: hostWords(managerText),
    blind: difference(kernel, seenByNetworkd(kernel, links)),
    moving: difference(kernel, parseKernelFacts(againText)).size > 0,
  };
}

/** What `ip` says, with the parts that networkd reports too replaced by what networkd has seen of them. */
function seenByNetworkd(
  kernel: ReadonlyMap<number, LinkDetails>,
  links: readonly Json[],
): Map<number, LinkDetails> {
  return new Map(
    links.map((link) => {
      const index = Number(link['Index']);
      const seen = {
        index,
        name: String(link['Name']),
        flags: Number(link['Flags']),
        operStatus: Number(link['KernelOperationalState']),
        mtu: Number(link['MTU']),
        addresses: configured(link).map((address) => ({
          family: address['Family'] === 2 ? (4 as const) : (6 as const),
          address: addressText(address['Address'] as number[]),
          prefixLength: Number(address['PrefixLength']),
          scope: Number(address['Scope']),
          flags: Number(address['Flags']),
        })),
      };
      const facts = kernel.get(index);
      return [index, facts === undefined ? { kind: '', type: '', ...seen } : { ...facts, ...seen }];
    }),
  );
}

/** Without those that networkd has only asked for. */
const configured = (link: Json): Json[] =>
  ((link['Addresses'] ?? []) as Json[]).filter((address) =>
    /configured|removing/.test(String(address['ConfigState'])),
  );

function addressText(bytes: readonly number[]): string {
  return bytes.length === 4 ? formatIpv4(Uint8Array.from(bytes), 0) : formatIpv6(Uint8Array.from(bytes), 0);
}

/** Each link in which two readings differ, with both in words. */
function difference(
  a: ReadonlyMap<number, LinkDetails>,
  b: ReadonlyMap<number, LinkDetails>,
): ReadonlyMap<number, string> {
  const indexes = [...new Set([...a.keys(), ...b.keys()])];
  const differing = indexes.filter((index) => comparable(a.get(index)) !== comparable(b.get(index)));
  return new Map(
    differing.map((index) => [
      index,
      `kernel ${JSON.stringify(a.get(index))}, seen ${JSON.stringify(b.get(index))}`,
    ]),
  );
}

/** A link as text, with its addresses in canonical spelling and in one order: networkd keeps them in a set. */
function comparable(link: LinkDetails | undefined): string {
  if (link === undefined) return 'absent';
  const addresses = link.addresses.map((each) =>
    JSON.stringify([parseIp(each.address), each.prefixLength, each.scope, each.flags]),
  );
  return JSON.stringify([link.name, link.flags, link.operStatus, link.mtu, addresses.sort()]);
}

function wordsByIndex(links: readonly Json[]): Map<number, NetworkdWords> {
  return new Map(
    links.map((link) => [
      Number(link['Index']),
      { ...wordsOf(link), administrative: String(link['AdministrativeState']) as AdministrativeState },
    ]),
  );
}

function hostWords(text: string): HostWords {
  const properties = (JSON.parse(text) as { data: [Record<string, { data: unknown }>] }).data[0];
  return wordsOf(Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, value.data])));
}

function wordsOf(from: Json): HostWords {
  const online = from['OnlineState'];
  return {
    operational: String(from['OperationalState']) as OperationalState,
    carrier: String(from['CarrierState']) as CarrierState,
    address: String(from['AddressState']) as AddressState,
    ipv4: String(from['IPv4AddressState']) as AddressState,
    ipv6: String(from['IPv6AddressState']) as AddressState,
    ...(typeof online === 'string' && online !== '' ? { online } : {}),
  };
}
