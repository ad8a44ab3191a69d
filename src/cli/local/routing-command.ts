/**
 * `netevd routing`: shows for each link of the policy which rules and routes exist, and why others do not.
 */
import { type Config, readConfig } from '../../config/index.ts';
import { instant } from '../../core/model/ids.ts';
import { emptyRoutingMemory } from '../../core/routing/plan/routing-memory.ts';
import { isSelectedLink, type RoutingPolicy } from '../../core/routing/policy.ts';
import type { LinkNameOf } from '../../core/routing/report/labels.ts';
import {
  type PieceReport,
  type RoutingFamilyReport,
  type RoutingLinkReport,
  type RoutingReport,
  routingReport,
} from '../../core/routing/report/routing-report.ts';
import { routingStatus } from '../../core/routing/report/status.ts';
import { viewOfSnapshot } from '../../core/routing/view/from-snapshot.ts';
import { gatewayReports } from '../../core/routing/view/gateway-reports.ts';
import { ExitCode } from '../../exit-code.ts';
import { type CommandIo, columns, type OutputFormat, type Paint, present } from '../render/output.ts';
import { reportProblems } from '../render/problems.ts';
import type { NetworkdStatus, RoutingCommandParts } from './routing-command-parts.ts';

export interface RoutingOptions {
  readonly config: string;
  readonly format: OutputFormat;
}

/**
 * Exit code: 0, 1 if the kernel cannot be read, 78 for an invalid configuration. Missing rules are not a
 * failure.
 */
export async function runRoutingCommand(
  options: RoutingOptions,
  io: CommandIo,
  parts: RoutingCommandParts,
): Promise<number> {
  const parsed = readConfig({ file: options.config, env: io.env });
  if (!parsed.ok) return reportProblems(parsed.problems, io);
  const report = await readReport(parsed.config, parts);
  const networkd = parts.readNetworkd();
  present(io, options.format, {
    value: { ...report, networkd: networkdValue(networkd) },
    text: (paint) => reportText(report, networkd, paint),
    table: (paint) => table(report, paint),
  });
  return ExitCode.ok;
}

/** What the planner would see now. */
async function readReport(config: Config, parts: RoutingCommandParts): Promise<RoutingReport> {
  const policy = policyOf(config);
  const snapshot = await parts.dumpKernel();
  const state = parts.readGateways(config);
  const bare = viewOfSnapshot(snapshot, policy, new Map());
  const selected = bare.links.filter((link) => isSelectedLink(policy, link));
  const view = { ...bare, reports: gatewayReports(state, selected) };
  const nameOf: LinkNameOf = (index) =>
    snapshot.links.find((link) => link.index === index)?.name ?? `if${index}`;
  return routingReport(routingStatus(view, policy, emptyRoutingMemory, instant(0)), nameOf);
}

const policyOf = ({ routing }: Config): RoutingPolicy => ({
  links: routing.policyRules,
  tableBase: routing.tableBase,
  tables: new Map(Object.entries(routing.tables)),
  rulePriority: routing.rulePriority,
});

const networkdValue = ({ isRunning, rules, routes, files, unreadable }: NetworkdStatus): object => ({
  running: isRunning,
  manageForeignRoutingPolicyRules: rules,
  manageForeignRoutes: routes,
  files,
  unreadable,
});

function reportText(report: RoutingReport, networkd: NetworkdStatus, paint: Paint): string {
  const links =
    report.links.length === 0
      ? ['no link has its own routing table: routing.policy_rules matches no existing link']
      : report.links.map((link) => linkText(link, paint));
  const leftovers = report.leftovers.map((line) => `  ${paint.warn('–')} ${line}`);
  return [
    ...links,
    ...(leftovers.length === 0 ? [] : [`to be removed by netevd:\n${leftovers.join('\n')}`]),
    ...networkdAdvice(report, networkd, paint),
  ].join('\n\n');
}

function linkText(link: RoutingLinkReport, paint: Paint): string {
  const index = link.index === null ? '' : ` (index ${link.index})`;
  const origin = link.tableOrigin === 'derived' ? '' : `, ${link.tableOrigin}`;
  const where = link.table === null ? '' : `, table ${link.table}${origin}`;
  const contested = link.contested
    ? [paint.warn('  another program keeps deleting its rules or routes')]
    : [];
  return [
    `${paint.bold(link.link)}${index}${where}: ${colour(link.state, paint)}`,
    ...contested,
    ...link.conflicts.flatMap(({ text, remedy }) => [`  ${paint.bad('✘')} ${text}`, `    fix: ${remedy}`]),
    ...link.families.map((family) => familyText(family, paint)),
  ].join('\n');
}

function familyText(family: RoutingFamilyReport, paint: Paint): string {
  const { gateway } = family;
  const via = gateway === null ? 'none known' : gateway.via.join(', ');
  const from = gateway === null ? '' : paint.dim(`${via === '' ? '' : ' '}(${gateway.from})`);
  return [
    `  ${names[family.family]}: ${colour(family.state, paint)}`,
    `    addresses  ${family.addresses.join(', ')}`,
    ...diversions(family, paint),
    `    gateway    ${via}${from}`,
    ...pieces('rules', family.rules, paint),
    ...pieces('routes', family.routes, paint),
  ].join('\n');
}

const names = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/** What leads packets elsewhere, once for all addresses that it concerns. */
function diversions({ state, paths }: RoutingFamilyReport, paint: Paint): readonly string[] {
  if (state !== 'diverted') return [];
  const by = Map.groupBy(
    paths.filter(({ active }) => !active),
    (path) => `${path.diverted_by}`,
  );
  return [...by].flatMap(([text, affected]) => [
    `    ${paint.bad('✘')} ${affected.map(({ address }) => address).join(', ')}: diverted by ${text}`,
    `      fix: ${affected[0]?.remedy ?? ''}`,
  ]);
}

function pieces(title: string, list: readonly PieceReport[], paint: Paint): readonly string[] {
  return list.map((piece, i) => {
    const mark = piece.present ? paint.good('✔') : paint.bad('✘');
    const problem = piece.problem === undefined ? '' : ` (${piece.problem})`;
    return `    ${(i === 0 ? title : '').padEnd(9)}${mark} ${piece.text}${problem}`;
  });
}

function colour(state: string, paint: Paint): string {
  if (state === 'active') return paint.good(state);
  return state === 'conflict' || state === 'missing' || state === 'diverted'
    ? paint.bad(state)
    : paint.warn(state);
}

/** Advice for a networkd that runs and deletes netevd's rules or routes. */
function networkdAdvice(
  report: RoutingReport,
  { isRunning, rules, routes }: NetworkdStatus,
  paint: Paint,
): readonly string[] {
  if (!isRunning || report.links.length === 0 || (!rules && !routes)) return [];
  const what = [rules ? 'rules' : '', routes ? 'routes' : ''].filter((part) => part !== '').join(' and ');
  return [
    [
      `${paint.warn('systemd-networkd runs')} and deletes ${what} of others whenever it configures a link.`,
      'netevd restores its own at once. To keep them, put this into',
      '/etc/systemd/networkd.conf.d/50-netevd.conf and restart systemd-networkd:',
      '  [Network]',
      ...(rules ? ['  ManageForeignRoutingPolicyRules=no'] : []),
      ...(routes ? ['  ManageForeignRoutes=no'] : []),
    ].join('\n'),
  ];
}

function table(report: RoutingReport, paint: Paint): string {
  const head = ['LINK', 'TABLE', 'FAMILY', 'STATE', 'ADDRESSES', 'GATEWAY', 'FROM', 'RULES', 'ROUTES'];
  const rows = report.links.flatMap((link) => {
    const first = [link.link, String(link.table ?? '-')];
    if (link.families.length === 0)
      return [[...first, '-', colour(link.state, paint), '-', '-', '-', '-', '-']];
    return link.families.map((family) => [
      ...first,
      names[family.family],
      colour(link.conflicts.length > 0 ? link.state : family.state, paint),
      family.addresses.length > 3 ? `${family.addresses.length} addresses` : family.addresses.join(','),
      family.gateway?.via.join(',') || '-',
      family.gateway?.from ?? '-',
      ratio(family.rules),
      ratio(family.routes),
    ]);
  });
  return columns([head.map((title) => paint.bold(title)), ...rows]);
}

/** Number of pieces that exist, and of all. */
const ratio = (list: readonly PieceReport[]): string =>
  `${list.filter((piece) => piece.present).length}/${list.length}`;
