/** Tells systemd-resolved, or systemd-networkd, what leases say about name resolution on a link. */
import {
  type LinkService,
  laneOf,
  type ResolverOutcome,
  type ResolverResult,
} from '../../core/resolver/call.ts';
import type { BusCall, BusConnection } from '../../ports/bus-connection.ts';
import { type LinkCall, messageOf } from './messages.ts';

export interface ResolvedRunnerParts {
  readonly bus: BusConnection;
  /** The service is there again, after it was not: it may have forgotten what it was told. */
  readonly onReturn: (service: LinkService) => void;
}

const services: readonly LinkService[] = ['resolve1', 'network1'];

export class ResolvedRunner implements Disposable {
  readonly #parts: ResolvedRunnerParts;
  readonly #following: Disposable[] = [];
  /** Services that are not there, or cannot be reached. */
  readonly #away = new Set<LinkService>();

  constructor(parts: ResolvedRunnerParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when every lane has come to its end, with an outcome for each call that was made: a lane ends with its first
   * failure. Never rejects for what the bus or a service says. The services are followed from the first run on.
   */
  async run(calls: readonly LinkCall[]): Promise<readonly ResolverOutcome[]> {
    if (this.#following.length === 0) this.#follow();
    const lanes = new Map<string, LinkCall[]>();
    for (const call of calls) lanes.set(laneOf(call), [...(lanes.get(laneOf(call)) ?? []), call]);
    const ended = await Promise.all(Array.from(lanes.values(), (lane) => this.#runLane(lane)));
    return ended.flat();
  }

  [Symbol.dispose](): void {
    for (const following of this.#following.splice(0)) following[Symbol.dispose]();
  }

  #follow(): void {
    for (const service of services) {
      const away = (): void => void this.#away.add(service);
      const appeared = (): void => {
        if (this.#away.delete(service)) this.#parts.onReturn(service);
      };
      const name = `org.freedesktop.${service}`;
      const follower = { name, signals: [], appeared, vanished: away, lost: away, signal: () => undefined };
      this.#following.push(this.#parts.bus.follow(follower));
    }
  }

  async #runLane(calls: readonly LinkCall[]): Promise<readonly ResolverOutcome[]> {
    const outcomes: ResolverOutcome[] = [];
    for (const call of calls) {
      const result = await this.#ask(messageOf(call));
      outcomes.push({ call, result });
      if (result.kind === 'done') continue;
      if (result.error === 'netevd.Disconnected') this.#away.add(call.link.service);
      break;
    }
    return outcomes;
  }

  #ask(message: BusCall): Promise<ResolverResult> {
    const { promise, resolve } = Promise.withResolvers<ResolverResult>();
    this.#parts.bus.call(message, (result) => {
      resolve(result.ok ? { kind: 'done' } : { kind: 'failed', error: result.name, text: result.message });
    });
    return promise;
  }
}
