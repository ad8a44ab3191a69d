/** The log lines of activity, before rate limits. */

import { type HookRun, succeeded } from '../../core/hooks/hook-run.ts';
import { isLinkLocal } from '../../core/model/address.ts';
import type { Change, LinkRef } from '../../core/model/change.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import { eventEntry } from '../../core/model/event-table.ts';
import { eventSentence } from '../../core/view/event-sentence.ts';
import {
  addressText,
  changeText,
  deltaText,
  isDefaultRoute,
  isOperational,
  linkOrHost,
  outputTexts,
  runText,
  statesText,
} from '../../core/view/sentences.ts';
import type { LogFields, LogLevel } from '../../ports/logger.ts';

export interface ActivityLine {
  readonly level: Exclude<LogLevel, 'trace'>;
  readonly message: string;
  readonly fields: LogFields;
}

/** The parts of a finding that the log shows. */
export interface FindingEntry {
  readonly changes: readonly Change[];
  readonly events: readonly NetworkEvent[];
  /** Whether it is about what exists at the start. */
  readonly initial: boolean;
  readonly resync: boolean;
  /** Events that a full queue dropped. */
  readonly superseded: readonly { readonly event: NetworkEvent }[];
  /** Whether the operator monitors the link with this name. */
  isMonitored(name: string): boolean;
  /** Whether lines of level debug are written; otherwise they are not made. */
  readonly isDetailed?: boolean;
}

/** The topics of lines; each has its own rate limit. */
export type Topic = 'state' | 'address' | 'route' | 'hook' | 'output' | 'queue' | 'repair';

/** A line, and how it is counted if there are too many. */
export interface EntryDraft {
  readonly topic: Topic;
  /** The link or other subject whose rate limit applies. */
  readonly key: string;
  /** The name under which omitted lines are counted: `addresses added`. */
  readonly unit: string;
  readonly line: ActivityLine;
}

/** Returns the lines about a finding, in order. */
export function findingDrafts(entry: FindingEntry): EntryDraft[] {
  const shown = { ...entry, changes: entry.changes.filter((change) => isShown(change, entry)) };
  const drafts = linesOf(shown);
  return entry.resync ? drafts.map(marked) : drafts;
}

const detailChanges: ReadonlySet<Change['kind']> = new Set([
  'routeAppeared',
  'routeVanished',
  'routeReplaced',
  'ruleAppeared',
  'ruleVanished',
]);

/** Whether every line about the finding has level debug. Of routes, which can be very many, only default routes matter more. */
export function isDetailAlone({ changes, events, superseded }: FindingEntry): boolean {
  if (superseded.length > 0) return false;
  for (const { kind } of changes) if (!detailChanges.has(kind)) return false;
  for (const { directory, routesDelta = [] } of events) {
    if (directory !== 'routes' || routesDelta.some(isDefaultRoute)) return false;
  }
  return true;
}

function isShown(change: Change, entry: FindingEntry): boolean {
  if ('link' in change) return entry.isMonitored(change.link.name);
  return !('interfaceName' in change) || entry.isMonitored(change.interfaceName);
}

function linesOf(entry: FindingEntry): EntryDraft[] {
  return [
    ...entry.events.filter((event) => event.directory === 'link-added').flatMap(detailDrafts),
    ...entry.changes.flatMap((change) => changeDraft(change)),
    ...reachedDrafts(entry.events),
    ...entry.changes.flatMap((change) => addressDraft(change)),
    ...entry.events.filter((event) => event.directory !== 'link-added').flatMap(detailDrafts),
    ...entry.superseded.map(supersededDraft),
  ];
}

/** Returns one line for the states that a link reached in one step, for any number of directories. */
export function reachedDrafts(events: readonly NetworkEvent[]): EntryDraft[] {
  const byLink = new Map<string, NetworkEvent[]>();
  for (const event of events) {
    if (eventEntry(event.directory).kind !== 'state') continue;
    const key = keyOf(event.link);
    byLink.set(key, [...(byLink.get(key) ?? []), event]);
  }
  return [...byLink.values()].flatMap((some) => {
    const subject = some.findLast((event) => isOperational(event.state)) ?? some[0];
    return subject === undefined ? [] : [eventDraft('state', 'state changes', subject, statesText(some))];
  });
}

function detailDrafts(event: NetworkEvent): EntryDraft[] {
  switch (event.directory) {
    case 'link-added':
      return [eventDraft('state', 'state changes', event, 'appeared')];
    case 'link-removed':
      return [eventDraft('state', 'state changes', event, `gone (was ${event.previousState ?? 'unknown'})`)];
    case 'manager':
      return [hostDraft(event)];
    case 'routes':
      return (event.routesDelta ?? []).map((delta) => {
        const draft = eventDraft(
          'route',
          `routes ${delta.action === 'del' ? 'removed' : 'added or changed'}`,
          event,
          deltaText(delta),
        );
        return isDefaultRoute(delta) ? draft : quieter(draft);
      });
    case 'address-added':
    case 'address-removed':
    case 'mtu':
    case 'renamed': // The change of the link is a line already.
      return [];
    default:
      return eventEntry(event.directory).kind === 'state'
        ? []
        : [eventDraft('state', 'state changes', event, eventSentence(event))];
  }
}

/** The host's state follows from its links, so only reachability is logged for it. */
function hostDraft(event: NetworkEvent): EntryDraft {
  const { previousState = 'unknown', state, source } = event;
  const by = source === 'kernel' ? '' : ` (${source})`;
  const draft = eventDraft('state', 'state changes', event, `${previousState} → ${state}${by}`);
  const isNews =
    source !== 'kernel' || (previousState !== state && [previousState, state].includes('routable'));
  return isNews ? draft : quieter(draft);
}

function changeDraft(change: Change): EntryDraft[] {
  const text = changeText(change);
  if (change.kind === 'mtuChanged')
    return [linkDraft('state', 'state changes', change.link, `MTU ${change.from} → ${change.to}`)];
  if (text === undefined) return [];
  if ('link' in change) return [linkDraft('state', 'state changes', change.link, text)];
  if (change.kind !== 'leaseChanged') return [];
  const { interfaceName } = change;
  const line = {
    level: 'info',
    message: `${interfaceName}: ${text}`,
    fields: { interface: interfaceName, backend: 'dhclient' },
  } as const;
  return [{ topic: 'state', key: interfaceName, unit: 'state changes', line }];
}

function addressDraft(change: Change): EntryDraft[] {
  if (change.kind !== 'addressAppeared' && change.kind !== 'addressVanished') return [];
  const what = change.kind === 'addressAppeared' ? 'added' : 'removed';
  const draft = linkDraft(
    'address',
    `addresses ${what}`,
    change.link,
    `address ${addressText(change.address)} ${what}`,
  );
  return [isLinkLocal(change.address.address) ? quieter(draft) : draft];
}

function supersededDraft({ event }: { readonly event: NetworkEvent }): EntryDraft {
  const text = `waiting ${event.directory} event superseded: hooks are slower than the network`;
  const draft = eventDraft('queue', 'waiting events superseded', event, text);
  return { ...draft, line: { ...draft.line, level: 'warn' } };
}

/** Returns the lines about a hook run: how it ended, and its output. */
export const runDrafts = (run: HookRun): EntryDraft[] => [runLine(run), ...outputLines(run)];

function runLine(run: HookRun): EntryDraft {
  const { link, directory: event, source: backend, state, seq, path: script, outcome } = run;
  const fields: LogFields = {
    ...linkFields(link),
    event,
    backend,
    state,
    seq,
    script,
    outcome: outcome.kind,
    durationMs: Math.round(run.duration * 10) / 10,
    ...(outcome.kind === 'exited' ? { exitCode: outcome.code } : {}),
    ...(outcome.kind === 'refused'
      ? { messageId: 'hookRefused', repeatKey: `refused ${script} ${linkOrHost(link)}` }
      : {}),
    ...(outcome.kind === 'timed-out' ? { messageId: 'hookTimedOut' } : {}),
    ...(outcome.kind === 'signalled' ||
    outcome.kind === 'not-started' ||
    (outcome.kind === 'exited' && outcome.code !== 0)
      ? { messageId: 'hookFailed' }
      : {}),
  };
  const fine = succeeded(run);
  const line = {
    level: fine ? 'info' : 'warn',
    message: `${linkOrHost(link)}: ${runText(run)}`,
    fields,
  } as const;
  return { topic: 'hook', key: keyOf(link), unit: fine ? 'hooks succeeded' : 'hooks failed', line };
}

/** Returns the lines of the script's output. */
function outputLines(run: HookRun): EntryDraft[] {
  const { link, directory: event, seq, path: script } = run;
  const fields: LogFields = { ...linkFields(link), event, seq, script };
  return outputTexts(run).map((text) => ({
    topic: 'output',
    key: keyOf(link),
    unit: 'lines of output',
    line: { level: succeeded(run) ? 'info' : 'warn', message: `${linkOrHost(link)}: ${text}`, fields },
  }));
}

function eventDraft(topic: Topic, unit: string, event: NetworkEvent, text: string): EntryDraft {
  const { link, directory, source: backend, state, seq } = event;
  const fields: LogFields = {
    ...linkFields(link),
    event: directory,
    backend,
    state,
    seq,
    ...(topic === 'state' ? { messageId: 'linkChanged' } : {}),
  };
  return {
    topic,
    key: keyOf(link),
    unit,
    line: { level: 'info', message: `${linkOrHost(link)}: ${text}`, fields },
  };
}

function linkDraft(topic: Topic, unit: string, link: LinkRef, text: string): EntryDraft {
  const line = { level: 'info', message: `${link.name}: ${text}`, fields: linkFields(link) } as const;
  return { topic, key: keyOf(link), unit, line };
}

/** A resync found it, so the time when it happened is unknown. */
const marked = (draft: EntryDraft): EntryDraft => ({
  ...draft,
  line: { ...draft.line, fields: { ...draft.line.fields, resync: true } },
});
const quieter = (draft: EntryDraft): EntryDraft => ({ ...draft, line: { ...draft.line, level: 'debug' } });
const keyOf = (link: LinkRef | undefined): string =>
  link === undefined ? 'host' : `${link.index}.${link.generation}`;
const linkFields = (link: LinkRef | undefined): LogFields =>
  link === undefined ? {} : { interface: link.name, ifindex: link.index };
