/**
 * `netevd routing explain SRC DST`: shows which rule and route decide about a packet, as `ip route get` does.
 */
import { lookupRoute } from '../../core/routing/lookup/lookup-route.ts';
import { parseFlow } from '../../core/routing/lookup/parse-flow.ts';
import { remarksOn } from '../../core/routing/lookup/remarks.ts';
import type { LinkNameOf } from '../../core/routing/report/labels.ts';
import { type Explanation, explainView } from '../../core/view/explain-view.ts';
import { ExitCode } from '../../exit-code.ts';
import { explanationTable, explanationText } from '../render/explanation.ts';
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

/** Exit code: 0 for a packet that arrives somewhere, 1 for one that does not, 2 for wrong arguments. */
export async function runExplainCommand(
  options: ExplainOptions,
  io: CommandIo,
  parts: RoutingCommandParts,
): Promise<number> {
  const mark = parseMark(options.mark);
  if (mark === undefined) return refuse(`${options.mark} is not a mark (0 to 0xffffffff)`, io);
  const parsed = parseFlow({ ...options, mark }, parts.uid);
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
    remarks: remarksOn(flow, result, snapshot),
    nameOf,
  };
  present(io, options.format, {
    value: explainView(explanation),
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

/** Undefined where the text is no mark. */
function parseMark(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
  return value <= 0xffff_ffff ? value : undefined;
}
