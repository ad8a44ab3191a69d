/** One message of the stream into the store. Loads nothing: what has to be loaded again is the caller's. */
import type { NetevdRecord } from '../../client/types.ts';
import type { WatchMessage } from '../../client/watch.ts';
import { foldConnection } from '../model/connection.ts';
import { matchesFilters } from '../model/filters.ts';
import { foldRuns } from '../model/hooks.ts';
import { foldLinks, linksOf } from '../model/links.ts';
import { foldStrip } from '../model/strip.ts';
import { receiveRow, recordRow, type TimelineRow } from '../model/timeline.ts';
import type { Store } from './store.ts';

/** `now`: the browser's clock when the message came. */
export function foldMessage(store: Store, message: WatchMessage, now: number): void {
  const before = store.connection.value;
  if (message.type === 'hello') {
    store.clockOffset.value = Date.parse(message.time) - now;
    if (before.kind === 'lost') addRow(store, reconnected(before.since, now + store.clockOffset.value, now));
  }
  store.connection.value = foldConnection(before, message, now);
  switch (message.type) {
    case 'snapshot':
      store.status.value = message.status;
      store.links.value = linksOf(store.links.value, message.interfaces);
      store.stateSeq = message.seq ?? 0;
      return;
    case 'record':
      foldRecord(store, message.record);
      return;
    case 'bookmark':
      store.clockOffset.value = Date.parse(message.time) - now;
      return;
    case 'gap': {
      const at = now + store.clockOffset.value;
      addRow(store, { kind: 'gap', key: `gap ${message.from ?? ''} ${at}`, at, gap: message });
      return;
    }
    default:
  }
}

const reconnected = (since: number, at: number, now: number): TimelineRow => ({
  kind: 'reconnected',
  key: `reconnected ${at}`,
  at,
  afterMs: now - since,
});

function foldRecord(store: Store, record: NetevdRecord): void {
  if (record.seq > store.stateSeq) store.links.value = foldLinks(store.links.value, record);
  store.runs.value = foldRuns(store.runs.value, record);
  foldStrips(store, record);
  if (matchesFilters(store.filters.value, record)) addRow(store, recordRow(record));
}

function foldStrips(store: Store, record: NetevdRecord): void {
  if (record.index === null) return;
  const strips = store.strips.value;
  const strip = strips.get(record.index) ?? { segments: [] };
  const folded = foldStrip(strip, record);
  if (folded !== strip) store.strips.value = new Map(strips).set(record.index, folded);
}

function addRow(store: Store, row: TimelineRow): void {
  store.timeline.value = receiveRow(store.timeline.value, row, store.isReading.value);
}
