/**
 * The kernel as a source of facts: one NETLINK_ROUTE socket that joins every group and is read by dumps on
 * request. `dump-session.ts` decides; this file does the I/O and the timers.
 */

import type { Family } from '../../core/model/address.ts';
import type { Fact, KernelFact } from '../../core/model/fact.ts';
import { type Millis, millis } from '../../core/model/ids.ts';
import type { SyncLoss } from '../../core/model/invalidation.ts';
import type { ResyncRequest } from '../../core/resync/kernel-resync.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DriverReader } from '../../ports/driver-reader.ts';
import type { Logger } from '../../ports/logger.ts';
import type {
  NetlinkBatch,
  NetlinkChannel,
  NetlinkStats,
  OpenNetlinkChannel,
} from '../../ports/netlink-channel.ts';
import { Group, MessageType } from '../../wire/netlink/constants.ts';
import { parseDone, parseError } from '../../wire/netlink/error.ts';
import { isDumpInterrupted, type MessageHeader, parseMessages } from '../../wire/netlink/message.ts';
import type { Malformed } from '../../wire/netlink/problem.ts';
import { encodeDumpRequest } from '../../wire/netlink/read-request.ts';
import { type DumpAction, DumpSession } from './dump-session.ts';
import { decodeDumped } from './dumped-object.ts';
import { KernelBarriers } from './kernel-barriers.ts';
import { KnownDrivers } from './known-drivers.ts';
import { decodeNotification, passedOver } from './notification.ts';
import { encodeProbe } from './probe.ts';

export interface RtnetlinkSourceParts {
  readonly openChannel: OpenNetlinkChannel;
  readonly drivers: DriverReader;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called once for each batch that has facts, in the kernel's order. */
  readonly sink: (facts: readonly Fact[]) => void;
  /** Bytes of the socket's receive buffer; the kernel doubles it. Default: 8 MiB. */
  readonly receiveBuffer?: number;
}

const defaultReceiveBuffer = 8 * 1024 * 1024;

/** How often the probe is sent again while a full socket swallows its answer. */
const probeInterval: Millis = millis(20);
/** A session fails after this time without progress. */
const progressTimeout: Millis = millis(5_000);
/** Delays between attempts to open a socket again. */
const reopenDelays: readonly Millis[] = [100, 300, 1_000, 3_000, 10_000, 30_000].map(millis);

/**
 * Errno numbers, asm-generic/errno.h. Bun supports none of the Linux ports that differ (alpha, mips, parisc,
 * sparc).
 */
const Errno = { intr: 4, again: 11, busy: 16, opnotsupp: 95, afnosupport: 97, nobufs: 105 } as const;
/** The kernel lacks this family or policy routing: there are no such objects. */
const unsupported: ReadonlySet<number> = new Set([Errno.opnotsupp, Errno.afnosupport]);
const transient: ReadonlySet<number> = new Set([Errno.intr, Errno.again, Errno.busy, Errno.nobufs]);

const groups: readonly number[] = Object.values(Group);

export class RtnetlinkSource implements AsyncDisposable {
  readonly #notifications = new Map<number, number>();
  readonly #parts: RtnetlinkSourceParts;
  readonly #drivers: KnownDrivers;
  readonly #barriers: KernelBarriers;
  #channel: NetlinkChannel | undefined;
  #portId = 0;
  #sequence = 0;
  #session: DumpSession | undefined;
  /** Sequence of the outstanding request. */
  #awaited = 0;
  #resend: (() => void) | undefined;
  #interrupted = false;
  /** Dumps that were requested while another one runs. */
  #waiting: ResyncRequest[] = [];
  /** No fact is passed on before the initial dump: notifications alone are not a complete state. */
  #hasRead = false;
  #facts: Fact[] = [];
  #isDisposed = false;
  #failures = 0;
  /** Whether somebody asks for the routes of routing daemons. */
  #keepsDynamic = false;
  /** Families whose next dump is the first that has them. */
  readonly #widened = new Set<Family>();
  #passedOver = 0;
  #timers = new DisposableStack();
  #reopening: Disposable | undefined;

  constructor(parts: RtnetlinkSourceParts) {
    this.#parts = parts;
    this.#drivers = new KnownDrivers(parts.drivers);
    this.#barriers = new KernelBarriers(parts.clock);
  }

  /** Opens the socket and joins the groups; throws where the kernel refuses. `read` starts the dumps. */
  start(): void {
    const { openChannel, log, receiveBuffer = defaultReceiveBuffer } = this.#parts;
    const channel = openChannel({ groups, receiveBuffer, onBatch: (batch) => this.#onBatch(batch) });
    const stats = channel.stats();
    this.#channel = channel;
    this.#portId = stats.portId;
    if (!stats.forced && stats.receiveBuffer < 2 * receiveBuffer) {
      log.warn(
        `netlink receive buffer: ${stats.receiveBuffer} bytes granted, ${2 * receiveBuffer} requested; bursts ` +
          'cause resyncs; fix: grant CAP_NET_ADMIN or raise net.core.rmem_max',
        { component: 'kernel', messageId: 'privilegeMissing' },
      );
    }
  }

  /**
   * Reads the kernel. One session runs at a time; others wait. A session ends in `kernelRead` or
   * `routesRead`, or in `sourceLostSync`; the caller then requests it again.
   */
  read(request: ResyncRequest): void {
    if (this.#isDisposed) return;
    const running = this.#session?.request;
    const isRefined = running !== undefined && request.kind === 'routes';
    if (this.#channel === undefined || running?.kind === 'everything' || isRefined) this.#wait(request);
    else this.#begin(request);
  }

  /**
   * Calls `done` once everything that the kernel sent before this call has been passed on: at the latest
   * after 50 ms, and at once where there is no socket. Notifications that a running session buffers are not
   * waited for.
   */
  barrier(done: () => void): void {
    const sequence = this.#nextSequence();
    if (this.#channel?.send(encodeProbe(sequence)).ok === true) this.#barriers.raise(sequence, done);
    else done();
  }

  /**
   * Keeps the routes of routing daemons from now on, which are passed over otherwise. After the first dump, both families are
   * read again. There is no way back but a restart: what is forgotten would look as if it were gone.
   */
  keepDynamicRoutes(): void {
    if (this.#keepsDynamic) return;
    this.#keepsDynamic = true;
    if (!this.#hasRead && this.#session === undefined) return;
    for (const family of [4, 6] as const) {
      this.#widened.add(family);
      this.read({ kind: 'routes', family });
    }
  }

  /** Messages about routes of routing daemons that were not decoded. */
  get passedOver(): number {
    return this.#passedOver;
  }

  /** How many notifications of each message type there were. */
  get notifications(): ReadonlyMap<number, number> {
    return this.#notifications;
  }

  /** Counters of the socket; undefined while there is none. */
  stats(): NetlinkStats | undefined {
    return this.#channel?.stats();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#end();
    this.#barriers.clear();
    this.#reopening?.[Symbol.dispose]();
    const channel = this.#channel;
    this.#channel = undefined;
    await channel?.[Symbol.asyncDispose]();
  }

  #wait(request: ResyncRequest): void {
    const isKnown = this.#waiting.some(
      (other) => JSON.stringify(other) === JSON.stringify(request) || other.kind === 'everything',
    );
    if (!isKnown) this.#waiting.push(request);
  }

  #begin(request: ResyncRequest): void {
    this.#end();
    this.#session = new DumpSession(request);
    this.#act(this.#session.begin());
  }

  /** Ends the session, whatever its result. */
  #end(): void {
    this.#timers.dispose();
    this.#timers = new DisposableStack();
    this.#session = undefined;
    this.#resend = undefined;
    this.#awaited = 0;
  }

  #act(actions: readonly DumpAction[]): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'probe':
          this.#request(encodeProbe);
          break;
        case 'dump':
          this.#request((sequence) => encodeDumpRequest(action.request, sequence));
          break;
        case 'complete':
          this.#complete(action.facts, action.mayBeIncomplete);
          break;
        case 'failed':
          this.#fail(action.cause);
          break;
      }
    }
  }

  /** Sends a request of the session; sends it again while the socket has no room. */
  #request(encode: (sequence: number) => Uint8Array): void {
    this.#interrupted = false;
    this.#awaited = this.#nextSequence();
    const message = encode(this.#awaited);
    this.#resend = () => {
      const sent = this.#channel?.send(message);
      const isProbe = this.#session?.subject === undefined;
      if (sent?.ok === false && !transient.has(sent.errno)) this.#failLater();
      else if (sent?.ok !== true || isProbe) this.#arm(probeInterval, () => this.#resend?.());
    };
    this.#progress();
    this.#resend();
  }

  #nextSequence(): number {
    this.#sequence = (this.#sequence % 0xffff_ffff) + 1;
    return this.#sequence;
  }

  /** Restarts the progress timeout. */
  #progress(): void {
    this.#timers.dispose();
    this.#timers = new DisposableStack();
    this.#arm(progressTimeout, () => {
      this.#fail('interrupted');
      this.#flush();
    });
  }

  #arm(delay: Millis, run: () => void): void {
    this.#timers.use(this.#parts.clock.schedule(delay, run));
  }

  /** Never calls the sink from within `read`, whose caller is not ready for it. */
  #failLater(): void {
    this.#arm(millis(0), () => {
      this.#fail('interrupted');
      this.#flush();
    });
  }

  #complete(facts: readonly KernelFact[], mayBeIncomplete: boolean): void {
    const isWhole = this.#session?.request.kind === 'everything';
    this.#end();
    this.#hasRead ||= isWhole;
    this.#failures = 0;
    for (const fact of facts) this.#facts.push(this.#drivers.complete(this.#marked(fact)));
    if (mayBeIncomplete) this.#lose('interrupted');
    const next = this.#waiting.shift();
    if (next !== undefined) this.#begin(next);
  }

  #marked(fact: KernelFact): KernelFact {
    if (fact.kind !== 'routesRead' || !this.#widened.delete(fact.family)) return fact;
    return { ...fact, isWider: true };
  }

  #fail(cause: SyncLoss): void {
    this.#end();
    this.#waiting = [];
    this.#lose(cause);
  }

  #lose(cause: SyncLoss): void {
    this.#facts.push({ kind: 'sourceLostSync', source: 'kernel', cause });
  }

  #onBatch(batch: NetlinkBatch): void {
    if (this.#isDisposed) return;
    for (let i = 0; i < batch.datagrams; i++) {
      const { buffer, offset, length } = batch.view(i);
      let isAnswer = false;
      const parsed = parseMessages(buffer, offset, length, (header) => {
        if (this.#isAwaited(header)) {
          if (!isAnswer) this.#beginDatagram(header);
          isAnswer = true;
          this.#onAnswer(buffer, header);
        } else if (header.portId !== this.#portId) {
          this.#onNotification(buffer, header);
        } else {
          this.#barriers.answered(header.sequence);
        }
      });
      if (!parsed.ok) this.#undecodable(parsed);
    }
    if (batch.overrun) this.#fail('overrun');
    else if (batch.truncated) this.#fail('undecodable');
    if (this.#session?.isOverwhelmed === true) this.#fail('overrun');
    if (batch.error !== undefined) this.#reopen(`errno ${batch.error.errno}`);
    this.#flush();
    if (batch.error === undefined) this.#barriers.release();
    else this.#barriers.releaseAll();
  }

  /**
   * Whether a message answers the session's request. A notification has the port of the process that caused
   * it.
   */
  #isAwaited(header: MessageHeader): boolean {
    return this.#awaited !== 0 && header.sequence === this.#awaited && header.portId === this.#portId;
  }

  #beginDatagram(header: MessageHeader): void {
    if (header.type === MessageType.error) return;
    this.#progress();
    this.#session?.datagram();
  }

  #onAnswer(buffer: Uint8Array, header: MessageHeader): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#interrupted ||= isDumpInterrupted(header.flags);
    if (header.type === MessageType.error) {
      this.#onError(session, buffer, header);
    } else if (header.type === MessageType.done) {
      const end = parseDone(buffer, header);
      if (!end.ok || end.end.errno !== 0) this.#onRefusal(session, end.ok ? end.end.errno : 0);
      else this.#act(session.done(this.#interrupted));
    } else {
      const object = decodeDumped(buffer, header, this.#keepsDynamic);
      if (object === 'passed-over') this.#passedOver++;
      if (object === undefined || object === 'passed-over') return;
      if (!('ok' in object)) session.object(object);
      else this.#reportUndecodable(object);
    }
  }

  #onError(session: DumpSession, buffer: Uint8Array, header: MessageHeader): void {
    const parsed = parseError(buffer, header);
    const errno = parsed.ok ? parsed.acknowledgement.errno : 0;
    if (session.subject === undefined) this.#act(session.probeAnswered());
    else this.#onRefusal(session, errno);
  }

  #onRefusal(session: DumpSession, errno: number): void {
    // An abandoned dump still runs on this socket: the kernel runs one at a time.
    if (transient.has(errno)) this.#arm(probeInterval, () => this.#resend?.());
    else this.#act(session.refused(unsupported.has(errno)));
  }

  #onNotification(buffer: Uint8Array, header: MessageHeader): void {
    this.#notifications.set(header.type, (this.#notifications.get(header.type) ?? 0) + 1);
    const decoded = decodeNotification(buffer, header, this.#keepsDynamic);
    if (decoded === passedOver) this.#passedOver++;
    if ('ok' in decoded) {
      this.#undecodable(decoded);
      return;
    }
    for (const notification of decoded) {
      if (this.#session?.take(notification) === true) continue;
      if (this.#hasRead) this.#facts.push(this.#drivers.complete(notification.fact));
    }
  }

  /** A notification that cannot be decoded may have been about anything. */
  #undecodable(problem: Malformed): void {
    this.#reportUndecodable(problem);
    this.#fail('undecodable');
  }

  #reportUndecodable({ problem }: Malformed): void {
    this.#parts.log.error(`kernel message: cannot be decoded: expected ${problem.expected}`, {
      component: 'kernel',
      code: problem.code,
      offset: problem.offset,
      repeatKey: 'kernel-undecodable',
    });
  }

  #flush(): void {
    if (this.#facts.length === 0) return;
    const facts = this.#facts;
    this.#facts = [];
    this.#parts.sink(facts);
  }

  /** The reader has ended. Opens another socket, after a delay. */
  #reopen(reason: string): void {
    const channel = this.#channel;
    this.#channel = undefined;
    this.#fail('disconnected');
    void channel?.[Symbol.asyncDispose]();
    const delay = reopenDelays[Math.min(this.#failures, reopenDelays.length - 1)] ?? millis(30_000);
    this.#failures++;
    this.#parts.log.error(`netlink socket: reading failed (${reason}); next attempt in ${delay} ms`, {
      component: 'kernel',
      messageId: 'sourceLost',
    });
    this.#reopening = this.#parts.clock.schedule(delay, () => this.#openAgain());
  }

  #openAgain(): void {
    try {
      this.start();
    } catch (error) {
      this.#reopen(error instanceof Error ? error.message : String(error));
      this.#flush();
      return;
    }
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) this.#begin(waiting);
  }
}
