/**
 * An invented host for the tests of the dashboard: links, hooks and records in the shapes that the API documents, and
 * the things that can happen to it. It knows nothing of HTTP.
 */
import type {
  ConfigAnswer,
  EventRecord,
  HookRunDetails,
  HookRunRecord,
  HooksAnswer,
  HostProblem,
  Interface,
  NetevdRecord,
  OperationalState,
  RoutingAnswer,
  SourceRecord,
  Status,
  TimelineAnswer,
} from '../../src/client/types.ts';
import {
  configAnswer,
  type FakeLink,
  hooksAnswer,
  interfaceOf,
  routingAnswer,
  sampleLinks,
} from './fake-answers.ts';

export const EPOCH = '01935f2a-7c1e-7000-8000-5a3c9e12d4b7';

type Draft<T extends NetevdRecord> = Omit<T, 'schema' | 'id' | 'seq' | 'ts' | 'caused_by'> & {
  readonly caused_by?: string | null;
  readonly at?: number;
};

export interface HostOptions {
  /** Milliseconds since 1970 of the host's clock at the start; it then runs with the real one. */
  readonly now?: number;
  readonly links?: readonly FakeLink[];
  readonly hostname?: string;
}

export class FakeHost {
  readonly epoch: string = EPOCH;
  readonly hostname: string;
  readonly startedAt: number;
  readonly links: Map<string, FakeLink> = new Map();
  /** Oldest first. */
  records: NetevdRecord[] = [];
  readonly outputs: Map<string, HookRunDetails> = new Map();
  readonly problems: HostProblem[] = [];
  readonly hooks: HooksAnswer = hooksAnswer;
  readonly routing: RoutingAnswer = routingAnswer;
  readonly config: ConfigAnswer = configAnswer;
  readonly #listeners = new Set<(record: NetevdRecord) => void>();
  readonly #offset: number;
  #seq = 48_200;

  constructor({ now = Date.now(), links = sampleLinks, hostname = 'gw1' }: HostOptions = {}) {
    this.#offset = now - Date.now();
    this.hostname = hostname;
    this.startedAt = now - (12 * 24 + 4) * 3_600_000;
    for (const link of links) this.links.set(link.name, { ...link });
  }

  now(): number {
    return Date.now() + this.#offset;
  }

  time(): string {
    return new Date(this.now()).toISOString();
  }

  get head(): number {
    return this.#seq;
  }

  /** Calls `listener` with each new record until the returned function is called. */
  listen(listener: (record: NetevdRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Numbers a record, keeps it and tells of it. */
  add<T extends NetevdRecord>({ at = this.now(), caused_by = null, ...draft }: Draft<T>): T {
    const seq = ++this.#seq;
    const head = {
      schema: 'netevd.event.v1',
      id: `${this.epoch}/${seq}`,
      seq,
      ts: new Date(at).toISOString(),
    };
    const record = { ...head, caused_by, ...draft } as unknown as T;
    this.records.push(record);
    for (const listener of this.#listeners) listener(record);
    return record;
  }

  /** A link reaches a state. */
  changeState(name: string, state: OperationalState, message: string, at: number = this.now()): EventRecord {
    const link = this.link(name);
    const previous = link.state;
    link.state = state;
    link.since = at;
    link.segments.push({ at, state });
    return this.#event(link, { event: state, state, previous, message, at, isBad: state === 'no-carrier' });
  }

  /** The cable of a link is pulled: it loses its carrier, its address and, a moment later, a hook fails. */
  pullCable(name: string, at: number = this.now()): EventRecord {
    const link = this.link(name);
    const lost = this.changeState(name, 'no-carrier', `carrier lost (${link.state} → no-carrier)`, at);
    const addresses = link.addresses.map(({ ip }) => ip);
    link.addresses = [];
    link.gateway = null;
    this.#event(link, {
      event: 'address-removed',
      state: 'no-carrier',
      previous: null,
      message: `address ${addresses.join(', ') || '10.64.3.2'} removed`,
      at: at + 8,
      isBad: false,
      changed: addresses,
    });
    this.problems.unshift({
      id: `link-no-carrier:${name}`,
      severity: 'warning',
      since: lost.ts,
      link: name,
      what: 'no carrier (was routable)',
      remedy: `netevd show interface ${name}`,
      caused_by: lost.id,
    });
    return lost;
  }

  /** The cable is put back: the problem is gone. */
  plugCable(name: string): EventRecord {
    const position = this.problems.findIndex(({ id }) => id === `link-no-carrier:${name}`);
    if (position >= 0) this.problems.splice(position, 1);
    return this.changeState(name, 'routable', 'carrier gained (no-carrier → routable)');
  }

  /** A hook ran for `cause`; one that failed becomes a problem. */
  runHook(
    run: {
      directory: string;
      script: string;
      link: string;
      exit: number;
      ms: number;
      output?: string;
      at?: number;
    },
    cause: NetevdRecord | undefined,
  ): HookRunRecord {
    const at = run.at ?? this.now();
    const failed = run.exit !== 0;
    const index = this.link(run.link).index;
    const name = `${run.directory}.d/${run.script}`;
    const record = this.add<HookRunRecord>({
      kind: 'hook_run',
      event: run.directory,
      link: run.link,
      index,
      severity: failed ? 'error' : 'info',
      message: `${name}: ${failed ? `exit ${run.exit} after` : 'ran,'} ${run.ms} ms`,
      caused_by: cause?.id ?? null,
      at,
      run: {
        id: `${this.epoch}/${this.#seq + 1}`,
        directory: run.directory,
        script: run.script,
        path: `/etc/netevd/${name}`,
        link: run.link,
        index,
        state: run.directory,
        backend: 'kernel',
        started_at: new Date(at - run.ms).toISOString(),
        duration_ms: run.ms,
        cpu_ms: 9,
        result: failed ? 'failed' : 'ok',
        exit_code: run.exit,
        signal: null,
        reason: null,
        remedy: null,
        retry: false,
        caused_by: cause?.id ?? null,
      },
    });
    this.outputs.set(record.id, {
      ...record.run,
      stdout: run.output ?? '',
      stderr: failed ? 'curl: (28) Connection timed out after 2000 ms\n' : '',
      dropped_output: 0,
      output_held: false,
      pid: 4711,
    });
    if (failed) this.#hookProblem(record);
    return record;
  }

  #hookProblem({ id, ts, run }: HookRunRecord): void {
    const name = `${run.directory}.d/${run.script}`;
    this.problems.unshift({
      id: `hook-failed:${name}`,
      severity: 'error',
      since: ts,
      link: null,
      what: `hook ${name}: exit ${run.exit_code}`,
      remedy: `netevd show run ${id.split('/')[1]}`,
      caused_by: id,
    });
  }

  /** A source went away or came back. */
  changeSource(state: 'current' | 'stale', at: number = this.now()): SourceRecord {
    return this.add<SourceRecord>({
      kind: 'source',
      event: state === 'current' ? 'source-up' : 'source-lost',
      link: null,
      index: null,
      severity: state === 'current' ? 'info' : 'warning',
      message:
        state === 'current' ? 'systemd-networkd is back, state read again' : 'systemd-networkd went away',
      source: 'systemd-networkd',
      state,
      cause: null,
      at,
    });
  }

  link(name: string): FakeLink {
    const link = this.links.get(name);
    if (link === undefined) throw new Error(`no link ${name}`);
    return link;
  }

  interfaces(): readonly Interface[] {
    return [...this.links.values()].map(interfaceOf);
  }

  status(): Status {
    const links = [...this.links.values()];
    const byState: Record<string, number> = {};
    for (const { state, watched } of links) {
      if (watched) byState[state] = (byState[state] ?? 0) + 1;
    }
    const watched = links.filter((link) => link.watched).length;
    const at = new Date(this.startedAt).toISOString();
    return {
      status: this.problems.length === 0 ? 'ok' : 'degraded',
      version: '0.4.0',
      uptime_seconds: Math.round((this.now() - this.startedAt) / 1000),
      backend: 'auto',
      interfaces_monitored: watched,
      events_processed: this.#seq,
      scripts_executed: 1204,
      last_event: this.records.at(-1)?.ts ?? null,
      time: this.time(),
      started_at: at,
      epoch: this.epoch,
      hostname: this.hostname,
      pid: 812,
      health: this.problems.length === 0 ? 'healthy' : 'problems',
      problems: [...this.problems],
      sources: {
        kernel: { state: 'current', since: at, wanted: true },
        'systemd-networkd': { state: 'current', since: at, wanted: true },
        NetworkManager: { state: 'absent', since: null, wanted: false },
        dhclient: { state: 'absent', since: null, wanted: false },
      },
      links: { by_state: byState, not_watched: links.length - watched },
      hooks: { queued: 0, running: 0, ran_24h: 1204, failed_24h: this.problems.length, refused: 1 },
      routing: { links: 1, in_sync: 1, repairs_24h: 2 },
      history: {
        oldest_seq: 1,
        oldest_at: new Date(this.now() - 27 * 86_400_000).toISOString(),
        head_seq: this.#seq,
        path: '/var/lib/netevd/events.db',
        size_bytes: 42_360_832,
        error: null,
      },
      streams: 1,
      dry_run: false,
    };
  }

  timeline(hours: number): TimelineAnswer {
    const since = this.now() - hours * 3_600_000;
    return {
      since: new Date(since).toISOString(),
      until: this.time(),
      links: [...this.links.values()]
        .filter(({ watched }) => watched)
        .map(({ name, index, segments }) => ({
          name,
          index,
          segments: segments.map(({ at, state }) => ({
            at: new Date(Math.max(at, since)).toISOString(),
            state,
          })),
          flaps: segments.filter(({ state }) => state === 'no-carrier').length,
        })),
    };
  }

  #event(
    link: FakeLink,
    what: {
      event: string;
      state: string;
      previous: string | null;
      message: string;
      at: number;
      isBad: boolean;
      changed?: readonly string[];
    },
  ): EventRecord {
    return this.add<EventRecord>({
      kind: 'event',
      event: what.event,
      action: what.event,
      link: link.name,
      index: link.index,
      severity: what.isBad ? 'warning' : 'info',
      message: what.message,
      state: what.state,
      previous_state: what.previous,
      backend: link.owner === 'kernel' ? 'kernel' : 'systemd-networkd',
      initial: false,
      resync: false,
      addresses: link.addresses.map(({ ip }) => ip),
      changed_addresses: what.changed ?? null,
      mtu: 1500,
      operstate: what.isBad ? 'down' : 'up',
      flags: ['UP', 'BROADCAST', 'MULTICAST'],
      routes_delta: [],
      gateway: link.gateway,
      dns: [],
      domains: [],
      at: what.at,
    });
  }
}
