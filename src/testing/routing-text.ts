/** Renders the rules and routes of a kernel as short lines, for tests to compare. */
import type { IpAddress } from '../core/model/address.ts';
import { type IfIndex, tableId } from '../core/model/ids.ts';
import type { RouteObject, RuleObject } from '../core/model/kernel-objects.ts';
import { isOwn } from '../core/routing/piece.ts';
import { describeRoute, describeRule, describeTable } from '../core/routing/report/labels.ts';
import { blankRoute, type FakeKernel } from './fake-kernel.ts';

const namesOf =
  (kernel: FakeKernel) =>
  (index: IfIndex): string =>
    kernel.links.get(index)?.name ?? `if${index}`;

export const ruleLine = (rule: RuleObject): string => `${rule.priority}: ${describeRule(rule)}`;
export const routeLine = (kernel: FakeKernel, route: RouteObject): string =>
  `${describeTable(route.table)}: ${describeRoute(route, namesOf(kernel))}`;

const sorted = (lines: readonly string[]): readonly string[] =>
  lines.toSorted((a, b) => (a < b ? -1 : Number(a > b)));

/** Rules and routes with netevd's protocol number. */
export const ownLines = (kernel: FakeKernel): readonly string[] => [
  ...sorted(kernel.rules.filter(isOwn).map(ruleLine)),
  ...sorted(kernel.routes.filter(isOwn).map((route) => routeLine(kernel, route))),
];

/** All other rules and routes. */
export const foreignLines = (kernel: FakeKernel): readonly string[] => [
  ...kernel.rules.filter((rule) => !isOwn(rule)).map((rule) => `${ruleLine(rule)} ${rule.protocol}`),
  ...kernel.routes
    .filter((route) => !isOwn(route))
    .map((route) => `${routeLine(kernel, route)} ${route.protocol}`),
];

export interface RouteSpec {
  readonly to?: string;
  readonly via?: string;
  readonly dev?: IfIndex;
  readonly table?: number;
  readonly metric?: number;
  readonly protocol?: number;
  readonly type?: number;
  readonly onlink?: boolean;
}

/** A route of another program: `to` is a prefix, or the default. */
export function routeOf(spec: RouteSpec): RouteObject {
  const [address, length] = (spec.to ?? '').split('/');
  const family = (spec.to ?? spec.via ?? '').includes(':') ? 6 : 4;
  const blank = blankRoute(family);
  const hop = {
    ...(spec.via === undefined ? {} : { gateway: spec.via as IpAddress }),
    weight: 1,
    flags: spec.onlink === true ? 4 : 0,
  };
  return {
    ...blank,
    ...(address === undefined || address === ''
      ? {}
      : { destination: address as IpAddress, prefixLength: Number(length ?? (family === 4 ? 32 : 128)) }),
    ...(spec.table === undefined ? {} : { table: tableId(spec.table) }),
    ...(spec.metric === undefined ? {} : { priority: spec.metric }),
    ...(spec.protocol === undefined ? {} : { protocol: spec.protocol }),
    ...(spec.type === undefined ? {} : { type: spec.type }),
    scope: spec.via === undefined && family === 4 ? 253 : 0,
    nextHops: spec.dev === undefined ? [] : [{ ifindex: spec.dev, ...hop }],
  };
}
