/**
 * Whether a parsed line is an entry of the journal. The journal is a file that hooks, as processes of the same user, can write to: a
 * checksum says that a line is whole, not who wrote it.
 */
import type { Change } from '../model/change.ts';
import {
  type JournalEntry,
  type JournaledEvent,
  type JournaledLink,
  type JournaledScript,
  type JournalSnapshot,
  journalVersion,
} from './entries.ts';
import {
  administrative,
  device,
  event,
  family,
  hostStatus,
  isNull,
  lease,
  link,
  linkAddress,
  linkRef,
  linkStatus,
  networkdLink,
  networkManagerDevice,
  operational,
  reports,
  route,
  source,
  topicValue,
} from './object-shapes.ts';
import {
  either,
  flag,
  isTrue,
  list,
  natural,
  object,
  oneOf,
  optional,
  positive,
  record,
  type Shape,
  text,
  tuple,
  union,
} from './shape.ts';
import type { SilentUpdate, Words } from './silent-update.ts';

type Entry<K extends JournalEntry['kind']> = JournalEntry & { readonly kind: K };
type ChangeOf<K extends Change['kind']> = Change & { readonly kind: K };
const kind = text;

const script = object<JournaledScript>({
  progress: oneOf(['starting', 'launched', 'started', 'finished']),
  pid: optional(positive),
  startTime: optional(natural),
});
const pendingEvent = object<JournaledEvent>({ event, scripts: record(script) });
const journaledLink = object<JournaledLink>({
  object: link,
  status: linkStatus,
  addresses: list(linkAddress),
});
const words = { networkd: reports(networkdLink), networkManager: reports(networkManagerDevice) };

const snapshot = object<JournalSnapshot>({
  complete: flag,
  links: list(journaledLink),
  generations: list(tuple(positive, natural)),
  routes: list(route),
  leases: list(lease),
  hosts: record(record(text)),
  words: object<Words>(words),
  hostStatus: optional(hostStatus),
  pending: list(pendingEvent),
  reported: optional(list(tuple(text, topicValue))),
  lastSeq: natural,
});

const silentUpdate = object<SilentUpdate>({
  ...words,
  objects: list(link),
  addresses: optional(list(linkAddress)),
});

/** A rule makes no event and is in no journal. */
const never: Shape = () => false;

const change: Shape = union<Change>({
  linkAppeared: object<ChangeOf<'linkAppeared'>>({ kind, link: linkRef, object: link, status: linkStatus }),
  linkVanished: object<ChangeOf<'linkVanished'>>({ kind, link: linkRef, last: linkStatus }),
  linkRenamed: object<ChangeOf<'linkRenamed'>>({ kind, link: linkRef, from: text }),
  operationalStateChanged: object<ChangeOf<'operationalStateChanged'>>({
    kind,
    link: linkRef,
    source,
    from: optional(operational),
    to: operational,
  }),
  administrativeStateChanged: object<ChangeOf<'administrativeStateChanged'>>({
    kind,
    link: linkRef,
    source,
    from: optional(administrative),
    to: optional(administrative),
  }),
  deviceStateChanged: object<ChangeOf<'deviceStateChanged'>>({
    kind,
    link: linkRef,
    from: optional(device),
    to: optional(device),
  }),
  ownerChanged: object<ChangeOf<'ownerChanged'>>({ kind, link: linkRef, from: source, to: source }),
  mtuChanged: object<ChangeOf<'mtuChanged'>>({ kind, link: linkRef, from: natural, to: natural }),
  addressAppeared: object<ChangeOf<'addressAppeared'>>({ kind, link: linkRef, address: linkAddress }),
  addressVanished: object<ChangeOf<'addressVanished'>>({ kind, link: linkRef, address: linkAddress }),
  routeAppeared: object<ChangeOf<'routeAppeared'>>({ kind, route }),
  routeVanished: object<ChangeOf<'routeVanished'>>({ kind, route }),
  routeReplaced: object<ChangeOf<'routeReplaced'>>({ kind, from: route, to: route }),
  ruleAppeared: never,
  ruleVanished: never,
  leaseChanged: object<ChangeOf<'leaseChanged'>>({
    kind,
    interfaceName: text,
    family,
    from: optional(lease),
    to: optional(lease),
  }),
  hostChanged: object<ChangeOf<'hostChanged'>>({ kind, source, from: record(text), to: record(text) }),
  hostStatusChanged: object<ChangeOf<'hostStatusChanged'>>({ kind, from: hostStatus, to: hostStatus }),
});

const scriptKeys = { kind, id: text, path: text };

const entry: Shape = union<JournalEntry>({
  opened: object<Entry<'opened'>>({
    kind,
    version: oneOf([journalVersion]),
    epoch: text,
    context: text,
    file: text,
    snapshot,
  }),
  found: object<Entry<'found'>>({
    kind,
    initial: optional(isTrue),
    changes: list(change),
    silentUpdate: optional(silentUpdate),
    events: list(event),
    superseded: list(text),
    reported: optional(list(tuple(text, either(topicValue, isNull)))),
    lastSeq: optional(natural),
  }),
  taken: object<Entry<'taken'>>({ kind, id: text, covers: list(text), event }),
  starting: object<Entry<'starting'>>(scriptKeys),
  launched: object<Entry<'launched'>>(scriptKeys),
  started: object<Entry<'started'>>({ ...scriptKeys, pid: positive, startTime: natural }),
  finished: object<Entry<'finished'>>(scriptKeys),
  withdrawn: object<Entry<'withdrawn'>>(scriptKeys),
  numbered: object<Entry<'numbered'>>({ kind, lastSeq: natural }),
  done: object<Entry<'done'>>({ kind, id: text }),
});

/** Whether `value`, parsed from JSON, has the shape of an entry of this version. Never throws. */
export function isJournalEntry(value: unknown): value is JournalEntry {
  return entry(value);
}
