/** What happened, as lines of the log that have not been rationed yet. */

import { type HookRun, succeeded } from '../../core/hooks/hook-run.ts';
import { isLinkLocal } from '../../core/model/address.ts';
import type { Change, LinkRef } from '../../core/model/change.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import type { LogFields, LogLevel } from '../../ports/logger.ts';
import {
  addressText,
  changeText,
  deltaText,
  isDefaultRoute,
  isOperational,
  outputTexts,
  runText,
  statesText,
  whose,
} from './sentences.ts';

export interface ActivityLine {
  readonly level: Exclude<LogLevel, 'trace'>;
  readonly message: string;
  readonly fields: LogFields;
}

/** What a step of the daemon has found out. */
export interface EntryGroup {
  readonly changes: readonly Change[];
  readonly events: readonly NetworkEvent[];
  /** What the daemon found when it started. */
  readonly initial: boolean;
  readonly resync: boolean;
  /** Events that gave way in a full queue. */
  readonly superseded: readonly { readonly event: NetworkEvent }[];
  /** Whether the operator wants to hear of the link that bears this name. */
  isMonitored(name: string): boolean;
  /** False: lines of level debug would not be written, and need not be made. */
  readonly isDetailed?: boolean;
}

/** What lines are about; each has a ration of its own. */
export type Topic = 'state' | 'address' | 'route' | 'hook' | 'output' | 'queue';

/** A line, and what becomes of it where there are too many. */
export interface Draft {
  readonly topic: Topic;
  /** Whose ration the line comes from. */
  readonly key: string;
  /** What a line that is not told is counted as: `addresses added`. */
  readonly unit: string;
  readonly line: ActivityLine;
}

const stateLike = new Set([
  'address-added',
  'address-removed',
  'mtu',
  'routes',
  'link-added',
  'link-removed',
  'manager',
]);

/** The lines about a finding, in their order. */
export function findingDrafts(chapter: EntryGroup): Draft[] {
  const initialReads = { ...chapter, changes: chapter.changes.filter((change) => isHeard(change, chapter)) };
  const drafts = linesOf(initialReads);
  return chapter.resync ? drafts.map(marked) : drafts;
}

const detailChanges: ReadonlySet<Change['kind']> = new Set([
  'routeAppeared',
  'routeVanished',
  'routeReplaced',
  'ruleAppeared',
  'ruleVanished',
]);

/** Routes come by the ten thousand; but for a default route they are told as details. */
export function isDetailAlone({ changes, events, superseded }: EntryGroup): boolean {
  if (superseded.length > 0) return false;
  for (const { kind } of changes) if (!detailChanges.has(kind)) return false;
  for (const { directory, routesDelta = [] } of events) {
    if (directory !== 'routes' || routesDelta.some(isDefaultRoute)) return false;
  }
  return true;
}

function isHeard(change: Change, chapter: EntryGroup): boolean {
  if ('link' in change) return chapter.isMonitored(change.link.name);
  return !('interfaceName' in change) || chapter.isMonitored(change.interfaceName);
}

function linesOf(chapter: EntryGroup): Draft[] {
  return [
    ...chapter.events.filter((event) => event.directory === 'link-added').flatMap(detailDrafts),
    ...chapter.changes.flatMap((change) => changeDraft(change)),
    ...reachedDrafts(chapter.events),
    ...chapter.changes.flatMap((change) => addressDraft(change)),
    ...chapter.events.filter((event) => event.directory !== 'link-added').flatMap(detailDrafts),
    ...chapter.superseded.map(supersededDraft),
  ];
}

/** One line for the states that a link reached in this step, however many directories that is. */
export function reachedDrafts(events: readonly NetworkEvent[]): Draft[] {
  const byLink = new Map<string, NetworkEvent[]>();
  for (const event of events) {
    if (stateLike.has(event.directory)) continue;
    const key = keyOf(event.link);
    byLink.set(key, [...(byLink.get(key) ?? []), event]);
  }
  return [...byLink.values()].flatMap((some) => {
    const subject = some.findLast((event) => isOperational(event.state)) ?? some[0];
    return subject === undefined ? [] : [eventDraft('state', 'state changes', subject, statesText(some))];
  });
}

function detailDrafts(event: NetworkEvent): Draft[] {
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
    default:
      return [];
  }
}

/** The host follows its links: only whether it can be reached is news beside theirs. */
function hostDraft(event: NetworkEvent): Draft {
  const { previousState = 'unknown', state, source } = event;
  const says = source === 'kernel' ? '' : `, says ${source}`;
  const draft = eventDraft('state', 'state changes', event, `${previousState} → ${state}${says}`);
  const isNews =
    source !== 'kernel' || (previousState !== state && [previousState, state].includes('routable'));
  return isNews ? draft : quieter(draft);
}

function changeDraft(change: Change): Draft[] {
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

function addressDraft(change: Change): Draft[] {
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

function supersededDraft({ event }: { readonly event: NetworkEvent }): Draft {
  const text = `a waiting ${event.directory} event was superseded: hooks are slower than the network`;
  const draft = eventDraft('queue', 'waiting events superseded', event, text);
  return { ...draft, line: { ...draft.line, level: 'warn' } };
}

/** The lines about a script that has ended or was refused: how it ended, and what it has written. */
export const runDrafts = (run: HookRun): Draft[] => [runLine(run), ...outputLines(run)];

function runLine(run: HookRun): Draft {
  const { link, directory: event, source: backend, state, seq, path: script, outcome } = run;
  const fields: LogFields = {
    ...linkFields(link),
    event,
    backend,
    state,
    seq,
    script,
    durationMs: Math.round(run.duration * 10) / 10,
    ...(outcome.kind === 'exited' ? { exitCode: outcome.code } : {}),
    ...(outcome.kind === 'refused'
      ? { messageId: 'hookRefused', repeatKey: `refused ${script} ${whose(link)}` }
      : {}),
    ...(outcome.kind === 'timed-out' ? { messageId: 'hookTimedOut' } : {}),
    ...(outcome.kind === 'signalled' ||
    outcome.kind === 'not-started' ||
    (outcome.kind === 'exited' && outcome.code !== 0)
      ? { messageId: 'hookFailed' }
      : {}),
  };
  const fine = succeeded(run);
  const line = { level: fine ? 'info' : 'warn', message: `${whose(link)}: ${runText(run)}`, fields } as const;
  return { topic: 'hook', key: keyOf(link), unit: fine ? 'hooks ran' : 'hooks failed', line };
}

/** What the script wrote, for whoever reads the log to see what it did. */
function outputLines(run: HookRun): Draft[] {
  const { link, directory: event, seq, path: script } = run;
  const fields: LogFields = { ...linkFields(link), event, seq, script };
  return outputTexts(run).map((text) => ({
    topic: 'output',
    key: keyOf(link),
    unit: 'lines of output',
    line: { level: 'info', message: `${whose(link)}: ${text}`, fields },
  }));
}

function eventDraft(topic: Topic, unit: string, event: NetworkEvent, text: string): Draft {
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
    line: { level: 'info', message: `${whose(link)}: ${text}`, fields },
  };
}

function linkDraft(topic: Topic, unit: string, link: LinkRef, text: string): Draft {
  const line = { level: 'info', message: `${link.name}: ${text}`, fields: linkFields(link) } as const;
  return { topic, key: keyOf(link), unit, line };
}

/** Found by reading again after messages were lost: when it happened is not known. */
const marked = (draft: Draft): Draft => ({
  ...draft,
  line: { ...draft.line, fields: { ...draft.line.fields, resync: true } },
});
const quieter = (draft: Draft): Draft => ({ ...draft, line: { ...draft.line, level: 'debug' } });
const keyOf = (link: LinkRef | undefined): string =>
  link === undefined ? 'host' : `${link.index}.${link.generation}`;
const linkFields = (link: LinkRef | undefined): LogFields =>
  link === undefined ? {} : { interface: link.name, ifindex: link.index };
