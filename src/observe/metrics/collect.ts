/** The daemon's metrics: counters that are updated as things happen, and gauges computed from the state at each scrape. */
import { type HookDirectory, hookDirectories } from '../../core/model/event-table.ts';
import { type Millis, millis } from '../../core/model/ids.ts';
import type { SyncLoss } from '../../core/model/invalidation.ts';
import {
  type OperationalState,
  operationalStates,
  type Source,
  sources,
} from '../../core/model/vocabulary.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MetricFamily } from '../../ports/metrics.ts';
import type { ProcessFiles } from '../../ports/process-files.ts';
import { BoundedNames } from './bounded-names.ts';
import { type Catalogue, catalogue } from './catalogue.ts';
import {
  type MetricsInput,
  type MetricsSnapshot,
  type ScriptRun,
  type StreamGapCause,
  streamGapCauses,
} from './input.ts';
import { parseProcessFiles, setProcessFigures } from './process.ts';
import { RefusedScripts } from './refused-scripts.ts';
import { MetricsRegistry } from './registry.ts';
import { setSnapshotGauges } from './snapshot-gauges.ts';

/** Maximum number of links with their own series; the rest share `interface="other"`. */
export const linkLimit = 1000;
/** Maximum number of scripts with their own series; the rest share `script="other"`. */
export const scriptLimit = 200;
/** How long the series of a vanished link stay. */
export const keepVanishedLinks: Millis = millis(5 * 60_000);

/** Labels whose value is the name of a link. */
const linkLabels = ['interface', 'link'];
/** A record, so that the compiler finds a cause that is missing here. */
const syncLosses: Readonly<Record<SyncLoss, true>> = {
  overrun: true,
  interrupted: true,
  undecodable: true,
  contradiction: true,
  'inbox-full': true,
  disconnected: true,
  requested: true,
};
const netlinkMessages = ['LINK', 'ADDR', 'ROUTE', 'RULE'].flatMap((kind) => [
  `RTM_NEW${kind}`,
  `RTM_DEL${kind}`,
]);

/** Constants of this process. */
export interface MetricsAbout {
  readonly version: string;
  /** Of the source; '' if unknown. */
  /** Name and version: `bun 1.4.5`. */
  readonly runtime: string;
  /** Route templates of the API, so that each is exported before its first request. */
  readonly routes: readonly string[];
}

/** Created when the first configuration has been loaded. */
export class MetricsCollector implements MetricsInput {
  readonly #clock: Pick<Clock, 'now' | 'wall'>;
  readonly #registry: MetricsRegistry<Catalogue> = new MetricsRegistry(catalogue, {
    wideLabels: [...linkLabels, 'script'],
  });
  readonly #refused = new RefusedScripts();
  readonly #links: BoundedNames;
  readonly #scripts: BoundedNames;

  constructor(about: MetricsAbout, clock: Pick<Clock, 'now' | 'wall'>) {
    this.#clock = clock;
    this.#links = new BoundedNames({
      limit: linkLimit,
      keepGone: keepVanishedLinks,
      onAdmitted: (link) => this.#prepareLink(link),
      onExpired: (links) => this.#registry.forget(linkLabels, links),
    });
    this.#scripts = new BoundedNames({
      limit: scriptLimit,
      keepGone: millis(0),
      onAdmitted: () => undefined,
      onExpired: (scripts) => this.#registry.forget(['script'], scripts),
    });
    this.#registry.gauge('netevd_info').set([about.version], 1);
    this.#registry.gauge('netevd_build_info').set([about.version, about.runtime], 1);
    this.#prepareKnown(about.routes);
    this.configReloaded(true);
  }

  /** Returns every metric as it is now. Encode the result before counting anything else. */
  collect(snapshot: MetricsSnapshot, process: ProcessFiles | undefined): Iterable<MetricFamily> {
    const now = this.#clock.now();
    this.#links.reconcile(new Set(snapshot.links.map(({ name }) => name)), now);
    setSnapshotGauges(this.#registry, snapshot, (link) => this.#links.label(link, now));
    this.#registry.gauge('netevd_hooks_refused').set([], this.#refused.count(now));
    if (process === undefined) return withoutProcess(this.#registry.families());
    setProcessFigures(this.#registry, parseProcessFiles(process));
    return this.#registry.families();
  }

  eventFound(type: HookDirectory, link: string | undefined, source: Source): void {
    this.#registry.counter('netevd_events_total').add([type, this.#link(link), source]);
    this.#registry.gauge('netevd_last_event_timestamp_seconds').set([], this.#clock.wall() / 1000);
  }

  eventDone(type: HookDirectory, duration: Millis): void {
    this.#registry.histogram('netevd_event_duration_seconds').observe([type], duration / 1000);
  }

  linkStateChanged(link: string, state: OperationalState): void {
    this.#registry.counter('netevd_interface_state_changes_total').add([this.#link(link), state]);
  }

  linkVanished(link: string): void {
    this.#links.markGone(link, this.#clock.now());
  }

  eventDispatched(type: HookDirectory, link: string | undefined): void {
    this.#registry.counter('netevd_hooks_dispatched_total').add([type, this.#link(link)]);
  }

  eventCoalesced(): void {
    this.#registry.counter('netevd_hooks_coalesced_total').add([]);
  }

  eventSuperseded(): void {
    this.#registry.counter('netevd_hooks_superseded_total').add([]);
  }

  scriptsFound(scripts: readonly Pick<ScriptRun, 'directory' | 'script'>[]): void {
    const files = new Set(scripts.map(fileOf));
    this.#scripts.reconcile(files, this.#clock.now());
    this.#refused.retain(files);
    for (const script of scripts) this.#prepareScript(script);
  }

  scriptRan(run: ScriptRun): void {
    const { outcome, directory, duration } = run;
    // An earlier netevd started it, and its result is unknown.
    if (outcome.kind === 'unseen') return;
    const script = this.#prepareScript(run);
    const failure = failureOf(run);
    if (failure !== undefined) this.#registry.counter('netevd_script_failures_total').add([script, failure]);
    if (outcome.kind === 'refused') {
      this.#refused.add(fileOf(run), this.#clock.now());
      return;
    }
    this.#refused.delete(fileOf(run));
    if (outcome.kind === 'not-started') return;
    this.#registry.counter('netevd_script_executions_total').add([script, directory]);
    this.#registry.histogram('netevd_script_duration_seconds').observe([script], duration / 1000);
  }

  hookStarted(latency: Millis): void {
    this.#registry.histogram('netevd_hook_start_latency_seconds').observe([], latency / 1000);
  }

  routingRepaired(link: string): void {
    this.#registry.counter('netevd_policy_routing_repairs_total').add([this.#link(link)]);
  }

  resyncStarted(source: Source, cause: SyncLoss): void {
    this.#registry.counter('netevd_resyncs_total').add([source, cause]);
  }

  netlinkReceived(messageType: string, count: number): void {
    this.#registry.counter('netevd_netlink_messages_total').add([messageType], count);
  }

  netlinkFailed(): void {
    this.#registry.counter('netevd_netlink_errors_total').add([]);
  }

  netlinkOverran(): void {
    this.#registry.counter('netevd_netlink_overruns_total').add([]);
  }

  dbusCalled(service: string, method: string): void {
    this.#registry.counter('netevd_dbus_calls_total').add([service, method]);
  }

  dbusCallFailed(): void {
    this.#registry.counter('netevd_dbus_errors_total').add([]);
  }

  dbusReconnected(): void {
    this.#registry.counter('netevd_dbus_reconnects_total').add([]);
  }

  configReloaded(isAccepted: boolean): void {
    this.#registry.gauge('netevd_config_last_reload_successful').set([], isAccepted ? 1 : 0);
    if (isAccepted)
      this.#registry
        .gauge('netevd_config_last_reload_success_timestamp_seconds')
        .set([], this.#clock.wall() / 1000);
  }

  historyWriteFailed(): void {
    this.#registry.counter('netevd_history_write_failures_total').add([]);
  }

  streamClientsChanged(count: number): void {
    this.#registry.gauge('netevd_stream_clients').set([], count);
  }

  streamGapSent(cause: StreamGapCause): void {
    this.#registry.counter('netevd_stream_gaps_total').add([cause]);
  }

  httpAnswered(route: string, status: number): void {
    this.#registry.counter('netevd_http_requests_total').add([route, String(status)]);
  }

  #link(name: string | undefined): string {
    return name === undefined ? '' : this.#links.label(name, this.#clock.now());
  }

  #prepareLink(link: string): void {
    for (const state of operationalStates)
      this.#registry.counter('netevd_interface_state_changes_total').prepare([link, state]);
  }

  /** Returns the label of a script after preparing its series, including those of the most common failures. */
  #prepareScript(script: Pick<ScriptRun, 'directory' | 'script'>): string {
    const label = this.#scripts.label(fileOf(script), this.#clock.now());
    this.#registry.counter('netevd_script_executions_total').prepare([label, script.directory]);
    this.#registry.histogram('netevd_script_duration_seconds').prepare([label]);
    for (const failure of ['1', 'timeout', 'refused'])
      this.#registry.counter('netevd_script_failures_total').prepare([label, failure]);
    return label;
  }

  /** increase() does not see the first count of a series that was not exported as 0 before. */
  #prepareKnown(routes: readonly string[]): void {
    for (const type of hookDirectories)
      this.#registry.histogram('netevd_event_duration_seconds').prepare([type]);
    for (const source of sources) {
      this.#registry.counter('netevd_events_total').prepare(['manager', '', source]);
      for (const cause of Object.keys(syncLosses))
        this.#registry.counter('netevd_resyncs_total').prepare([source, cause]);
    }
    this.#registry.counter('netevd_hooks_dispatched_total').prepare(['manager', '']);
    for (const type of netlinkMessages)
      this.#registry.counter('netevd_netlink_messages_total').prepare([type]);
    for (const cause of streamGapCauses) this.#registry.counter('netevd_stream_gaps_total').prepare([cause]);
    for (const route of routes) this.#registry.counter('netevd_http_requests_total').prepare([route, '200']);
  }
}

/** `routable.d/10-log`: files of different directories often have the same name. */
const fileOf = ({ directory, script }: Pick<ScriptRun, 'directory' | 'script'>): string =>
  script === '' ? `${directory}.d` : `${directory}.d/${script}`;

/** Without /proc the process metrics are left out: zeros would mean a process that started in 1970. */
const withoutProcess = (families: Iterable<MetricFamily>): MetricFamily[] =>
  [...families].filter(({ name }) => !name.startsWith('process_'));

/** Label value of a failure; undefined if the script succeeded or the daemon stopped it. */
function failureOf({ outcome }: ScriptRun): string | undefined {
  switch (outcome.kind) {
    case 'exited':
      return outcome.code === 0 ? undefined : String(outcome.code);
    case 'signalled':
      return outcome.signal;
    case 'timed-out':
      return 'timeout';
    case 'refused':
    case 'not-started':
      return outcome.kind;
    default:
      return undefined;
  }
}
