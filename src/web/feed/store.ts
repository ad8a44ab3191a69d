/** What the page knows, as signals: a view is drawn again when a value that it shows changes, and only then. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { RequestProblem, Result } from '../../client/problem.ts';
import type {
  ConfigAnswer,
  ExplainAnswer,
  HookRunDetails,
  HookRunSummary,
  HooksAnswer,
  HostProblem,
  RoutingAnswer,
  Status,
} from '../../client/types.ts';
import type { Connection } from '../model/connection.ts';
import { type Filters, noFilters } from '../model/filters.ts';
import { type LinkList, type Links, listLinks } from '../model/links.ts';
import type { Strip } from '../model/strip.ts';
import { emptyTimeline, type Timeline } from '../model/timeline.ts';

/** Strips by ifindex. */
export type Strips = ReadonlyMap<number, Strip>;

/** Something that is asked for on demand; undefined until then. */
export type Loaded<T> = Result<T> | 'loading' | undefined;

const none: readonly HostProblem[] = [];

export class Store {
  readonly connection: Signal<Connection>;
  /** Milliseconds to add to the browser's clock to have the server's. */
  readonly clockOffset: Signal<number> = signal(0);
  readonly status: Signal<Status | undefined> = signal(undefined);
  readonly links: Signal<Links> = signal(new Map());
  readonly strips: Signal<Strips> = signal(new Map());
  readonly timeline: Signal<Timeline> = signal(emptyTimeline);
  /** Why the timeline could not be loaded. */
  readonly timelineProblem: Signal<RequestProblem | undefined> = signal(undefined);
  readonly isTimelineLoading: Signal<boolean> = signal(false);
  readonly filters: Signal<Filters> = signal(noFilters);
  /** `<epoch>.<seq>` of the open row. */
  readonly openRecord: Signal<string | undefined> = signal(undefined);
  /** The list of the timeline has the focus; its top is out of sight. */
  readonly hasFocus: Signal<boolean> = signal(false);
  readonly isScrolled: Signal<boolean> = signal(false);
  readonly runs: Signal<readonly HookRunSummary[]> = signal([]);
  /** Output of runs, by the run's name. */
  readonly outputs: Signal<ReadonlyMap<string, Loaded<HookRunDetails>>> = signal(new Map());
  readonly hooks: Signal<Loaded<HooksAnswer>> = signal(undefined);
  readonly routing: Signal<Loaded<RoutingAnswer>> = signal(undefined);
  readonly explanation: Signal<Loaded<ExplainAnswer>> = signal(undefined);
  readonly config: Signal<Loaded<ConfigAnswer>> = signal(undefined);
  readonly token: Signal<string | undefined> = signal(undefined);

  /** Newest first. */
  readonly problems: ReadonlySignal<readonly HostProblem[]> = computed(
    () => this.status.value?.problems ?? none,
  );
  readonly linkList: ReadonlySignal<LinkList> = computed(() =>
    listLinks(this.links.value, this.problems.value),
  );
  /** The user reads the timeline: new rows are held back. */
  readonly isReading: ReadonlySignal<boolean> = computed(
    () => this.hasFocus.value || this.isScrolled.value || this.openRecord.value !== undefined,
  );

  /** The newest record that `links` contains: older ones that follow a snapshot only change the timeline. */
  stateSeq: number = 0;

  /** `now`: the browser's clock. */
  constructor(now: number) {
    this.connection = signal({ kind: 'connecting', since: now });
  }
}
