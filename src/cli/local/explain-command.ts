/**
 * `netevd routing explain SRC DST`: shows which rule and route decide about a packet, as `ip route get` does.
 */
import { familyOf, isLinkLocal, parseIp } from '../../core/model/address.ts';
import type { KernelSnapshot } from '../../core/model/fact.ts';
import { LinkFlag } from '../../core/model/kernel-objects.ts';
import type { Flow } from '../../core/routing/lookup/lookup-input.ts';
import { type LookupResult, lookupRoute } from '../../core/routing/lookup/lookup-route.ts';
import type { LinkNameOf } from '../../core/routing/report/labels.ts';
import { ExitCode } from '../../exit-code.ts';
import {
  type Explanation,
  explanationTable,
  explanationText,
  explanationValue,
} from '../render/explanation.ts';
import { type CommandIo, type OutputFormat, present } from '../render/output.ts';
import type { RoutingCommandParts } from './routing-command-parts.ts';

export interface ExplainOptions {
  readonly source: string;
  readonly destination: string;
  /** The link by which the packet arrives; without it, this machine sends the packet. */
  readonly iif?: string;
  /** As the operator writes it: 7 or 0x7. */
  readonly mark?: string;
  readonly format: OutputFormat;
}

type ParsedFlow =
  | { readonly ok: true; readonly flow: Flow }
  | { readonly ok: false; readonly problem: string };

/** Exit code: 0 for a packet that arrives somewhere, 1 for one that does not, 2 for wrong arguments. */
export async function runExplainCommand(
  options: ExplainOptions,
  io: CommandIo,
  parts: RoutingCommandParts,
): Promise<number> {
  const parsed = parseFlow(options, parts.uid);
  if (!parsed.ok) return refuse(parsed.problem, io);
  const snapshot = await parts.dumpKernel();
  const { flow } = parsed;
  const isKnown = snapshot.links.some((link) => link.name === flow.inputInterface);
  if (flow.inputInterface !== undefined && !isKnown) {
    return refuse(`no link ${flow.inputInterface}`, io);
  }
  const result = lookupRoute(flow, snapshot);
  const nameOf: LinkNameOf = (index) =>
    snapshot.links.find((link) => link.index === index)?.name ?? `if${index}`;
  const explanation: Explanation = {
    flow,
    result,
    warnings: warningsFor(flow, result, snapshot, nameOf),
    nameOf,
  };
  present(io, options.format, {
    value: explanationValue(explanation),
    text: (paint) => explanationText(explanation, paint),
    table: (paint) => explanationTable(explanation, paint),
  });
  const { kind } = result.verdict;
  return kind === 'routed' || kind === 'delivered' || kind === 'group' ? ExitCode.ok : ExitCode.failed;
}

function refuse(problem: string, io: CommandIo): number {
  io.stderr.write(`netevd routing explain: ${problem}\n`);
  return ExitCode.usage;
}

function parseFlow({ source, destination, iif, mark }: ExplainOptions, uid: number): ParsedFlow {
  const from = parseIp(source);
  const to = parseIp(destination);
  if (from === undefined) return { ok: false, problem: `${source} is not an IP address` };
  if (to === undefined) return { ok: false, problem: `${destination} is not an IP address` };
  if (familyOf(from) !== familyOf(to)) {
    return { ok: false, problem: `${from} and ${to} are of different address families` };
  }
  const number = mark === undefined ? 0 : /^(0x[0-9a-f]+|\d+)$/i.test(mark) ? Number(mark) : Number.NaN;
  if (!(number <= 0xffff_ffff)) return { ok: false, problem: `${mark} is not a mark (0 to 0xffffffff)` };
  const origin = iif === undefined ? { uid } : { inputInterface: iif };
  return { ok: true, flow: { source: from, destination: to, mark: number, tos: 0, ...origin } };
}

/** Conditions under which the packet fares differently than the lookup shows. */
function warningsFor(
  flow: Flow,
  { verdict }: LookupResult,
  { addresses, links }: KernelSnapshot,
  nameOf: LinkNameOf,
): readonly string[] {
  const warnings: string[] = [];
  const isOwn = addresses.some(({ address }) => address === flow.source);
  if (flow.inputInterface === undefined && !isOwn) {
    warnings.push(`${flow.source} is not an address of this machine; for a forwarded packet, add --iif LINK`);
  }
  if (flow.inputInterface !== undefined && isOwn) {
    warnings.push(`${flow.source} is an address of this machine: the kernel drops such incoming packets`);
  }
  if (isLinkLocal(flow.destination)) warnings.push('a link-local destination needs a link');
  if (verdict.kind === 'routed') {
    for (const { ifindex } of verdict.nextHops) {
      const link = links.find(({ index }) => index === ifindex);
      if (link !== undefined && (link.flags & LinkFlag.lowerUp) === 0) {
        warnings.push(`${nameOf(link.index)} has no carrier`);
      }
    }
  }
  return warnings;
}
