/** `netevd list routes` and `netevd list rules`. Pure. */
import type { Route, Rule } from '../../client/types.ts';
import type { Column } from './table.ts';

/** Columns of routes. */
export const routeColumns: readonly Column<Route>[] = [
  { key: 'destination', title: 'DESTINATION', cell: ({ destination }) => destination },
  { key: 'gateway', title: 'GATEWAY', cell: ({ gateway }) => gateway ?? '-' },
  { key: 'interface', title: 'LINK', cell: (route) => route.interface ?? '-' },
  { key: 'metric', title: 'METRIC', cell: ({ metric }) => String(metric), align: 'right', dropOrder: 4 },
  { key: 'table_name', title: 'TABLE', cell: (route) => route.table_name },
  { key: 'protocol', title: 'PROTOCOL', cell: ({ protocol }) => protocol, dropOrder: 3 },
  { key: 'scope', title: 'SCOPE', cell: ({ scope }) => scope, dropOrder: 1 },
  { key: 'type', title: 'TYPE', cell: ({ type }) => type, dropOrder: 2 },
  { key: 'source', title: 'SOURCE', cell: ({ source }) => source ?? '-', onRequest: true },
  { key: 'table', title: 'TABLE ID', cell: ({ table }) => String(table), align: 'right', onRequest: true },
  { key: 'family', title: 'FAMILY', cell: ({ family }) => family, onRequest: true },
];

/** Columns of rules. */
export const ruleColumns: readonly Column<Rule>[] = [
  { key: 'priority', title: 'PRIORITY', cell: ({ priority }) => String(priority), align: 'right' },
  { key: 'family', title: 'FAMILY', cell: ({ family }) => family, dropOrder: 2 },
  { key: 'text', title: 'RULE', cell: ({ text }) => text.replace(/^\d+:\s*/, ''), canCut: true },
  { key: 'owner', title: 'OWNER', cell: ({ owner }) => owner },
  { key: 'protocol', title: 'PROTOCOL', cell: ({ protocol }) => protocol, dropOrder: 1 },
  { key: 'from', title: 'FROM', cell: ({ from }) => from, onRequest: true },
  { key: 'to', title: 'TO', cell: ({ to }) => to, onRequest: true },
  { key: 'table', title: 'TABLE', cell: ({ table }) => String(table), align: 'right', onRequest: true },
  { key: 'action', title: 'ACTION', cell: ({ action }) => action, onRequest: true },
  { key: 'interface', title: 'LINK', cell: (rule) => rule.interface ?? '-', onRequest: true },
];
