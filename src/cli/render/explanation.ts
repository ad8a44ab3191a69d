/** Renders the lookup of a packet for people and for programs. */
import type { RuleObject } from '../../core/model/kernel-objects.ts';
import type { Flow } from '../../core/routing/lookup/lookup-input.ts';
import type { LookupResult, LookupStep, LookupVerdict } from '../../core/routing/lookup/lookup-route.ts';
import {
  describeProtocol,
  describeRoute,
  describeRule,
  describeTable,
  type LinkNameOf,
} from '../../core/routing/report/labels.ts';
import type { Explanation } from '../../core/view/explain-view.ts';
import { columns, type Paint } from './output.ts';

const sender = (flow: Flow): string =>
  flow.inputInterface === undefined ? 'sent by this machine' : `received by ${flow.inputInterface}`;

/** The rules and routes that were looked up, the verdict, and remarks. */
export function explanationText(explanation: Explanation, paint: Paint): string {
  const { flow, result, remarks, nameOf } = explanation;
  const mark = flow.mark === 0 ? '' : `, mark ${flow.mark}`;
  const passed = result.steps.filter(({ kind }) => kind === 'noMatch').length;
  return [
    `${paint.bold(`${flow.source} → ${flow.destination}`)}, ${sender(flow)}${mark}`,
    '',
    ...(result.steps.length === 0 ? ['no rule is asked'] : [stepTable(result, nameOf, paint, false)]),
    ...(passed === 0 ? [] : [paint.dim(`(and ${passed} earlier rules that do not match)`)]),
    '',
    ...verdictLines(explanation, paint),
    ...remarks.map((remark) => paint.warn(`note: ${remark}`)),
  ].join('\n');
}

/** Every rule that was looked up, with its outcome. */
export const explanationTable = ({ result, nameOf }: Explanation, paint: Paint): string =>
  stepTable(result, nameOf, paint, true);

/** `all`: include rules that do not match. */
function stepTable(result: LookupResult, nameOf: LinkNameOf, paint: Paint, all: boolean): string {
  const steps = all ? result.steps : result.steps.filter(({ kind }) => kind !== 'noMatch');
  return columns(
    steps.map((step) => {
      const decides = step.kind === 'decides';
      const outcome = outcomeText(step, nameOf);
      return [
        `${step.rule.priority}:`,
        ruleText(step.rule),
        decides ? paint.good(outcome) : paint.dim(outcome),
      ];
    }),
  );
}

const ruleText = (rule: RuleObject): string =>
  rule.protocol === 0 || rule.protocol === 2
    ? describeRule(rule)
    : `${describeRule(rule)} proto ${describeProtocol(rule.protocol)}`;

function outcomeText(step: LookupStep, nameOf: LinkNameOf): string {
  switch (step.kind) {
    case 'noMatch':
      return step.reason;
    case 'noRoute':
      return 'has no route';
    case 'suppressed':
      return `too general: ${describeRoute(step.route, nameOf)}`;
    case 'thrown':
      return `throws: ${describeRoute(step.route, nameOf)}`;
    case 'passed':
      return 'continues';
    case 'decides':
      return step.route === undefined ? 'decides' : `decides: ${describeRoute(step.route, nameOf)}`;
  }
}

const rejections = {
  EHOSTUNREACH: 'unreachable (the sender sees EHOSTUNREACH)',
  ENETUNREACH: 'unreachable (the sender sees ENETUNREACH)',
  EACCES: 'prohibited (the sender sees EACCES)',
  EINVAL: 'dropped (the sender sees EINVAL)',
} as const;

function verdictLines({ flow, result: { verdict }, nameOf }: Explanation, paint: Paint): readonly string[] {
  switch (verdict.kind) {
    case 'routed': {
      const { table, nextHops, route } = verdict;
      const many = nextHops.length > 1 ? ['one of these, by a hash of the packet:'] : [];
      const lines = nextHops.map(({ ifindex, gateway, weight }) => {
        const next = gateway === undefined ? 'directly to the destination' : `via ${gateway}`;
        const share = nextHops.length > 1 ? `, weight ${weight}` : '';
        return `${paint.good('→')} by ${paint.bold(ifindex === 0 ? '?' : nameOf(ifindex))}, ${next}${share}`;
      });
      const maker = describeProtocol(route.protocol);
      return [...many, ...lines, `  from table ${describeTable(table)}, a route of ${maker}`];
    }
    case 'delivered':
      return [`${paint.good('→')} to this machine or to a group (${describeRoute(verdict.route, nameOf)})`];
    case 'group':
      return [`${paint.good('→')} ${groupText(verdict, flow, nameOf)}`];
    case 'rejected':
      return [`${paint.bad('✘')} ${rejections[verdict.code]}`];
    case 'unreachable':
      return [`${paint.bad('✘')} no rule has a route (the sender sees ENETUNREACH)`];
  }
}

type GroupVerdict = LookupVerdict & { readonly kind: 'group' };

function groupText({ cast, link }: GroupVerdict, flow: Flow, nameOf: LinkNameOf): string {
  if (flow.inputInterface === undefined) return `${cast}, by ${nameOf(link)}, the link of ${flow.source}`;
  return cast === 'broadcast'
    ? 'broadcast, to this machine'
    : 'multicast, to this machine if a program of it has joined the group';
}
