/** `netevd routing flush`: remove every rule and route of netevd, with or without a daemon. */
import type { KernelSnapshot } from '../../core/model/fact.ts';
import type { RuleObject } from '../../core/model/kernel-objects.ts';
import { isOwn } from '../../core/routing/piece.ts';
import type { RoutingEffect, RoutingOutcome } from '../../core/routing/plan/routing-effect.ts';
import { effectCommand } from '../../core/routing/report/effect-command.ts';
import type { LinkNameOf } from '../../core/routing/report/labels.ts';
import { ExitCode } from '../../exit-code.ts';
import { type CommandIo, columns, type OutputFormat, present } from '../render/output.ts';

export interface FlushParts {
  dumpKernel(): Promise<KernelSnapshot>;
  /** Changes the kernel; returns one outcome for each effect. Needs CAP_NET_ADMIN. */
  changeRouting(effects: readonly RoutingEffect[]): Promise<readonly RoutingOutcome[]>;
  /** Waits as long as a running daemon takes at most to restore what was removed. */
  settle(): Promise<void>;
}

interface FlushResult {
  readonly rules: number;
  readonly routes: number;
  /** Commands of iproute2 for what is still there. */
  readonly left: readonly string[];
  /** errno names of refused removals. */
  readonly refused: readonly string[];
}

/** Returns 0 if nothing of netevd is left, 1 if something is or the kernel cannot be read. */
export async function runFlushCommand(
  { format }: { readonly format: OutputFormat },
  io: CommandIo,
  parts: FlushParts,
): Promise<number> {
  const result = await flush(parts);
  present(io, format, {
    value: result,
    text: () => textOf(result),
    table: () =>
      columns([['RULES', 'ROUTES', 'LEFT'], [result.rules, result.routes, result.left.length].map(String)]),
  });
  return result.left.length === 0 ? ExitCode.ok : ExitCode.failed;
}

async function flush(parts: FlushParts): Promise<FlushResult> {
  const effects = removalsOf(await parts.dumpKernel());
  if (effects.length === 0) return { rules: 0, routes: 0, left: [], refused: [] };
  const outcomes = await parts.changeRouting(effects);
  await parts.settle();
  const after = await parts.dumpKernel();
  const nameOf: LinkNameOf = (index) =>
    after.links.find((link) => link.index === index)?.name ?? `if${index}`;
  const done = outcomes.filter(({ result }) => result.kind === 'done');
  return {
    rules: done.filter(({ effect }) => 'rule' in effect).length,
    routes: done.filter(({ effect }) => 'route' in effect).length,
    left: removalsOf(after).map((effect) => effectCommand(effect, nameOf)),
    refused: [...new Set(outcomes.flatMap(({ result }) => (result.kind === 'failed' ? result.code : [])))],
  };
}

/** Returns the removals of everything with netevd's protocol number: rules before the routes that they look up. */
function removalsOf({ rules, routes }: KernelSnapshot): readonly RoutingEffect[] {
  const last = (a: RuleObject, b: RuleObject): number => b.priority - a.priority;
  return [
    ...rules
      .filter(isOwn)
      .toSorted(last)
      .map((rule) => ({ kind: 'removeRule', rule }) as const),
    ...routes
      .filter(isOwn)
      .toSorted((a, b) => a.prefixLength - b.prefixLength)
      .map((route) => ({ kind: 'removeRoute', route }) as const),
  ];
}

function textOf({ rules, routes, left, refused }: FlushResult): string {
  if (rules + routes === 0 && left.length === 0) return 'there are no rules or routes of netevd';
  const removed = `removed ${count(rules, 'rule')} and ${count(routes, 'route')}`;
  if (left.length === 0) return removed;
  const reason = refused.some((code) => code === 'EPERM' || code === 'EACCES')
    ? 'the kernel does not permit it: run this command as root'
    : refused.length > 0
      ? `the kernel refuses: ${refused.join(', ')}`
      : 'a running netevd restores them: stop it first, or empty routing.policy_rules';
  return [`${removed}; ${left.length} left (${reason}):`, ...left.map((line) => `  ${line}`)].join('\n');
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
