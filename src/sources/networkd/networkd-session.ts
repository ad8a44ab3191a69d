/**
 * One reading of everything that networkd knows. Signals that come meanwhile are newer than what was read before them and
 * older than what is read after them, for the bus keeps its order: `covers` says which.
 */
import type { NetworkdReport } from '../../core/model/fact.ts';
import type { IfIndex } from '../../core/model/ids.ts';
import { completeReport } from '../../core/model/networkd-report.ts';
import type { AdministrativeState } from '../../core/model/vocabulary.ts';
import type { BusCall, BusConnection, CallResult } from '../../ports/bus-connection.ts';
import { dictionaryOf, textOf } from '../../wire/dbus/value.ts';
import { getAll, saysGone } from '../shared/bus-properties.ts';
import { CallWindow } from '../shared/call-window.ts';
import { describeCall, linkInterface, listLinksCall, managerInterface, networkd } from './bus-names.ts';
import { type Described, parseDescription } from './link-description.ts';
import {
  type LinkProperties,
  type ListedLink,
  type ParsedProperties,
  parseHostProperties,
  parseLinkProperties,
  readLinkList,
} from './parse-properties.ts';

export interface ReadingParts {
  readonly bus: Pick<BusConnection, 'call'>;
  readonly owner: string;
  /** States that were read of a link, at the place in the order of the bus where they were read. */
  readonly onLink: (index: IfIndex, words: LinkProperties) => void;
  readonly onUnknown: (unknown: readonly string[]) => void;
  readonly onDescribed: (index: IfIndex, described: Described) => void;
  readonly onDone: (outcome: ReadingOutcome) => void;
}

export type ReadingOutcome =
  | {
      readonly ok: true;
      readonly host: Readonly<Record<string, string>>;
      readonly links: ReadonlyMap<IfIndex, NetworkdReport>;
    }
  | { readonly ok: false; readonly reason: string };

export class NetworkdSession {
  readonly #parts: ReadingParts;
  readonly #window: CallWindow;
  #host: Readonly<Record<string, string>> | undefined;
  /** Links whose states are still to be read; undefined until it is known which there are. */
  #unread: Set<IfIndex> | undefined;
  readonly #links = new Map<IfIndex, NetworkdReport>();
  /** Answers that are still to come. */
  #open = 0;
  #isOver = false;

  constructor(parts: ReadingParts) {
    this.#parts = parts;
    this.#window = new CallWindow(parts.bus);
  }

  begin(): void {
    const { owner } = this.#parts;
    this.#open += 1;
    this.#ask(getAll(owner, networkd.path, managerInterface), (values) => {
      const properties = dictionaryOf(values[0]);
      if (properties === undefined) return 'the properties of its Manager are none';
      const { host, unknown } = parseHostProperties(properties);
      this.#parts.onUnknown(unknown);
      this.#host = host;
      return undefined;
    });
    this.#ask(listLinksCall(owner), (values) => {
      const links = readLinkList(values[0]);
      if (links === undefined) return 'its list of links is none';
      this.#unread = new Set(links.map(({ index }) => index));
      for (const link of links) this.#readLink(link);
      return undefined;
    });
    this.#close();
  }

  /** Whether what a signal says of this link now will be part of what is read. */
  covers(index: IfIndex): boolean {
    return this.#unread === undefined || this.#unread.has(index);
  }

  /** The same for the host. */
  get coversHost(): boolean {
    return this.#host === undefined;
  }

  /** It is of no more interest. */
  abandon(): void {
    this.#isOver = true;
    this.#window.close();
  }

  #readLink(link: ListedLink): void {
    const { owner } = this.#parts;
    this.#open += 1;
    this.#window.push(getAll(owner, link.path, linkInterface), (result) => this.#readStates(link, result));
  }

  #readStates(link: ListedLink, result: CallResult): void {
    const { index } = link;
    const properties = result.ok ? dictionaryOf(result.values[0]) : undefined;
    const isGone = !result.ok && saysGone(result.name);
    if (properties === undefined && !isGone) {
      this.#fail(result.ok ? 'the properties of a link are none' : result.message);
      return;
    }
    this.#unread?.delete(index);
    if (properties !== undefined) this.#adopt(link, parseLinkProperties(properties));
    this.#close();
  }

  #adopt({ index, path }: ListedLink, { words, unknown }: ParsedProperties): void {
    const { owner, onUnknown, onLink } = this.#parts;
    onUnknown(unknown);
    const report = completeReport(words);
    if (report !== undefined) this.#links.set(index, report);
    onLink(index, words);
    if (report === undefined || withoutDetails.has(report.administrative)) return;
    this.#open += 1;
    this.#window.push(describeCall(owner, path), (result) => this.#readDetails(index, result));
  }

  #readDetails(index: IfIndex, result: CallResult): void {
    const text = result.ok ? textOf(result.values[0]) : undefined;
    const report = this.#links.get(index);
    if (text !== undefined && report !== undefined) {
      const described = parseDescription(text);
      if (described.ok) this.#links.set(index, { ...report, ...described.details });
      this.#parts.onDescribed(index, described);
    }
    this.#close();
  }

  /** One of the calls without which nothing is known; `read` says what is wrong with an answer. */
  #ask(
    call: BusCall,
    read: (values: Extract<CallResult, { ok: true }>['values']) => string | undefined,
  ): void {
    this.#open += 1;
    this.#window.push(call, (result) => {
      const problem = result.ok ? read(result.values) : result.message;
      if (problem === undefined) this.#close();
      else this.#fail(problem);
    });
  }

  #close(): void {
    this.#open -= 1;
    if (this.#open > 0 || this.#isOver) return;
    this.abandon();
    this.#parts.onDone({ ok: true, host: this.#host ?? {}, links: this.#links });
  }

  #fail(reason: string): void {
    if (this.#isOver) return;
    this.abandon();
    this.#parts.onDone({ ok: false, reason });
  }
}

/** Links that networkd has given nothing to: of a thousand of a container host, all. */
const withoutDetails: ReadonlySet<AdministrativeState> = new Set(['pending', 'initialized', 'unmanaged']);
