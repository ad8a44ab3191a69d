/**
 * Reads everything that networkd knows, once. The bus keeps its order: a signal that arrives before the
 * answer about its object is older than the answer, one that arrives after it is newer. `covers` tells them
 * apart.
 */
import type { NetworkdReport } from '../../core/model/fact.ts';
import type { IfIndex } from '../../core/model/ids.ts';
import { completeReport } from '../../core/model/networkd-report.ts';
import type { AdministrativeState } from '../../core/model/vocabulary.ts';
import type { BusCall, BusConnection, CallResult } from '../../ports/bus-connection.ts';
import { dictionaryOf, textOf } from '../../wire/dbus/value.ts';
import { getAll, isGoneError } from '../shared/bus-properties.ts';
import { CallWindow } from '../shared/call-window.ts';
import { describeCall, linkInterface, listLinksCall, managerInterface, networkd } from './bus-names.ts';
import { type Described, parseDescription } from './link-description.ts';
import {
  type LinkStates,
  type ListedLink,
  type ParsedStates,
  parseHostProperties,
  parseLinkList,
  parseLinkProperties,
} from './parse-properties.ts';

export interface NetworkdSessionParts {
  readonly bus: Pick<BusConnection, 'call'>;
  readonly owner: string;
  /** Called with the states of a link at the point in the order of the bus where they were read. */
  readonly onLink: (index: IfIndex, states: LinkStates) => void;
  readonly onUnknown: (unknown: readonly string[]) => void;
  readonly onDescribed: (index: IfIndex, described: Described) => void;
  readonly onDone: (outcome: NetworkdSessionOutcome) => void;
}

export type NetworkdSessionOutcome =
  | {
      readonly ok: true;
      readonly host: Readonly<Record<string, string>>;
      readonly links: ReadonlyMap<IfIndex, NetworkdReport>;
    }
  | { readonly ok: false; readonly reason: string };

export class NetworkdSession {
  readonly #parts: NetworkdSessionParts;
  readonly #window: CallWindow;
  #host: Readonly<Record<string, string>> | undefined;
  /** Links whose states have not been read yet; undefined before the list of links is known. */
  #unread: Set<IfIndex> | undefined;
  readonly #links = new Map<IfIndex, NetworkdReport>();
  /** Outstanding answers. */
  #open = 0;
  #isOver = false;

  constructor(parts: NetworkdSessionParts) {
    this.#parts = parts;
    this.#window = new CallWindow(parts.bus);
  }

  begin(): void {
    const { owner } = this.#parts;
    this.#open += 1;
    this.#ask(getAll(owner, networkd.path, managerInterface), (values) => {
      const properties = dictionaryOf(values[0]);
      if (properties === undefined) return 'invalid answer for the properties of its Manager';
      const { host, unknown } = parseHostProperties(properties);
      this.#parts.onUnknown(unknown);
      this.#host = host;
      return undefined;
    });
    this.#ask(listLinksCall(owner), (values) => {
      const links = parseLinkList(values[0]);
      if (links === undefined) return 'invalid answer of ListLinks';
      this.#unread = new Set(links.map(({ index }) => index));
      for (const link of links) this.#readLink(link);
      return undefined;
    });
    this.#close();
  }

  /** Whether the answers still to come include what a signal reports of this link now. */
  covers(index: IfIndex): boolean {
    return this.#unread === undefined || this.#unread.has(index);
  }

  /** The same for the host. */
  get coversHost(): boolean {
    return this.#host === undefined;
  }

  /** Ends the session; `onDone` is not called. */
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
    const isGone = !result.ok && isGoneError(result.name);
    if (properties === undefined && !isGone) {
      this.#fail(result.ok ? 'invalid answer for the properties of a link' : result.message);
      return;
    }
    this.#unread?.delete(index);
    if (properties !== undefined) this.#adopt(link, parseLinkProperties(properties));
    this.#close();
  }

  #adopt({ index, path }: ListedLink, { states, unknown }: ParsedStates): void {
    const { owner, onUnknown, onLink } = this.#parts;
    onUnknown(unknown);
    const report = completeReport(states);
    if (report !== undefined) this.#links.set(index, report);
    onLink(index, states);
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

  /** Makes a call that must succeed; `read` returns what is wrong with an answer. */
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

/** Setup states of links that networkd does not configure: on a container host, thousands. */
const withoutDetails: ReadonlySet<AdministrativeState> = new Set(['pending', 'initialized', 'unmanaged']);
