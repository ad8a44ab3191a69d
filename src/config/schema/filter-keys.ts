/** The entries of `filters`: their keys, and their form in the program. */
import * as z from 'zod/mini';
import { parseCondition } from '../../core/filters/condition-parser.ts';
import type { FilterAction, FilterFamily, FilterMatch, FilterRule } from '../../core/filters/decide.ts';
import { type HookDirectory, hookDirectories } from '../../core/model/event-table.ts';
import { type Source, sources } from '../../core/model/vocabulary.ts';
import { describe, optionalKey, shapeOf, type Unit } from './key.ts';
import { choice, condition, linkName, linkPattern, scriptNames } from './values.ts';

/** One filter as it is in the file. */
interface FilterEntry {
  readonly match_rule: {
    readonly interface?: string | undefined;
    readonly interface_pattern?: string | undefined;
    readonly event_type?: HookDirectory | undefined;
    readonly ip_family?: FilterFamily | undefined;
    readonly backend?: Source | undefined;
    readonly condition?: string | undefined;
  };
  readonly action: FilterAction;
  readonly scripts?: readonly string[] | undefined;
}

const matchKeys = {
  interface: optionalKey({ name: 'interface', type: linkName(), doc: 'Name of the link.' }),
  interfacePattern: optionalKey({
    name: 'interface_pattern',
    type: linkPattern(),
    doc: 'Glob over the name of the link.',
  }),
  eventType: optionalKey({
    name: 'event_type',
    type: choice(hookDirectories),
    doc: 'Type of the event: its hook directory without ".d".',
  }),
  ipFamily: optionalKey({
    name: 'ip_family',
    type: choice(['ipv4', 'ipv6', 'any']),
    doc: 'Address family of the event.',
  }),
  backend: optionalKey({ name: 'backend', type: choice(sources), doc: 'Source of the event.' }),
  condition: optionalKey({
    name: 'condition',
    type: condition(),
    doc: 'Comparisons of has_gateway, dns_count, address_count, mtu, interface and state, joined by &&, || and !.',
  }),
};

const scripts = optionalKey({
  name: 'scripts',
  type: scriptNames(),
  doc: 'With execute: the only files that run.',
});

const filterEntry = (): z.ZodMiniType => {
  const match = z.pipe(
    z.nullable(z.strictObject(shapeOf(matchKeys), 'a map of keys')),
    z.transform((value) => value ?? {}),
  );
  return z.strictObject(
    {
      match_rule: describe(match, 'What must be true of an event; every key must match. Empty: every event.'),
      action: describe(
        choice(['execute', 'ignore', 'log']),
        'execute: run the hooks; ignore: run none; log: log the event and try the next filter.',
      ),
      scripts: scripts.schema,
    },
    'a map with match_rule and action',
  );
};

export const filterList = (): z.ZodMiniType<readonly FilterEntry[], unknown> =>
  z.array(filterEntry(), 'a list of filters, each with match_rule and action') as z.ZodMiniType<
    readonly FilterEntry[],
    unknown
  >;

export const filtersUnit: Unit<readonly FilterEntry[], readonly FilterRule[]> = {
  read: (filters) => filters.map(readFilter),
  write: (filters) => filters.map(writeFilter),
};

function readFilter({ match_rule: match, action, scripts: files }: FilterEntry): FilterRule {
  const rule = { match: readMatch(match), action };
  return files === undefined ? rule : { ...rule, scripts: [...files] };
}

function readMatch(match: FilterEntry['match_rule']): FilterMatch {
  return {
    ...(match.interface !== undefined && { interface: match.interface }),
    ...(match.interface_pattern !== undefined && { interfacePattern: match.interface_pattern }),
    ...(match.event_type !== undefined && { eventType: match.event_type }),
    ...(match.ip_family !== undefined && { ipFamily: match.ip_family }),
    ...(match.backend !== undefined && { backend: match.backend }),
    ...(match.condition !== undefined && readCondition(match.condition)),
  };
}

function readCondition(text: string): Pick<FilterMatch, 'condition' | 'conditionText'> {
  const parsed = parseCondition(text);
  if (!parsed.ok) throw new Error(`a condition was not validated: ${parsed.problem.message}`);
  return { condition: parsed.condition, conditionText: text };
}

function writeFilter({ match, action, scripts: files }: FilterRule): FilterEntry {
  return {
    match_rule: {
      ...(match.interface !== undefined && { interface: match.interface }),
      ...(match.interfacePattern !== undefined && { interface_pattern: match.interfacePattern }),
      ...(match.eventType !== undefined && { event_type: match.eventType }),
      ...(match.ipFamily !== undefined && { ip_family: match.ipFamily }),
      ...(match.backend !== undefined && { backend: match.backend }),
      ...(match.conditionText !== undefined && { condition: match.conditionText }),
    },
    action,
    ...(files !== undefined && { scripts: files }),
  };
}
