/**
 * Records what the sources of this machine observe, without a daemon and without a privilege. It follows the
 * same sources as the daemon and asks them for the same reads; it runs no hook and changes nothing.
 */
import { enginePolicy } from '../../config/engine-policy.ts';
import type { Config } from '../../config/index.ts';
import type { EnginePolicy } from '../../core/engine-options.ts';
import type { Fact } from '../../core/model/fact.ts';
import { epoch, millis, seq } from '../../core/model/ids.ts';
import { encodeFacts, encodeHeader, type RecordingHeader } from '../../core/recording/recording.ts';
import { Redactor } from '../../core/recording/redact.ts';
import { replayEpoch } from '../../core/recording/replay.ts';
import { StandIns } from '../../core/recording/stand-ins.ts';
import { noResolver } from '../../core/resolver/wanted-settings.ts';
import { SystemBus } from '../../platform/bus/system-bus.ts';
import type { Native } from '../../platform/native.ts';
import { KernelNetlinkChannel } from '../../platform/netlink.ts';
import { SystemFiles } from '../../platform/watched-files.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { DhclientSource } from '../../sources/dhclient/dhclient-source.ts';
import { RtnetlinkSource } from '../../sources/rtnetlink/rtnetlink-source.ts';
import { Loop } from '../loop.ts';
import { BusSources } from '../wiring/bus-sources.ts';
import { leaseFiles } from '../wiring/policy.ts';

export interface RecorderParts {
  readonly native: Native;
  readonly clock: Clock;
  readonly log: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: Config;
  /** Random numbers for stand-ins; undefined records the values as they are. */
  readonly redactWith: (() => number) | undefined;
  /** Takes one line, with its end. */
  readonly write: (line: string) => void;
}

/** How long the first dump of the kernel waits for networkd, as in the daemon. */
const managersTimeout = millis(150);

/** Records until it is disposed of. `start` resolves once the kernel has been read. */
export class FactRecorder implements AsyncDisposable {
  readonly #parts: RecorderParts;
  readonly #stack = new AsyncDisposableStack();
  readonly #redactor: Redactor | undefined;
  readonly #startedAt: number;
  readonly #loop: Loop;
  readonly #kernel: RtnetlinkSource;
  readonly #managers: BusSources;
  readonly #leases: DhclientSource;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    this.#redactor =
      parts.redactWith === undefined ? undefined : new Redactor(new StandIns(parts.redactWith));
    this.#loop = this.#stack.use(this.#buildLoop());
    this.#kernel = this.#stack.use(this.#buildKernel());
    this.#managers = this.#stack.use(this.#buildManagers());
    this.#leases = this.#stack.use(
      new DhclientSource({
        files: new SystemFiles(),
        clock: parts.clock,
        log: parts.log,
        sink: (facts) => this.#take(facts),
        owners: [0, process.getuid?.() ?? 0],
        recovered: [],
      }),
    );
  }

  async start(): Promise<void> {
    const { clock, config, write } = this.#parts;
    const header: RecordingHeader = {
      startedAt: clock.wall(),
      backend: config.system.backend,
      isRedacted: this.#redactor !== undefined,
    };
    write(`${encodeHeader(header)}\n`);
    this.#kernel.start();
    this.#managers.start();
    await this.#managers.initialReports(managersTimeout);
    this.#leases.start(leaseFiles(config));
    this.#loop.start();
    await this.#loop.until(() => this.#loop.isReady);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #take(facts: readonly Fact[]): void {
    const after = Math.round(this.#parts.clock.now() - this.#startedAt);
    const redactor = this.#redactor;
    const recorded = redactor === undefined ? facts : facts.map((fact) => redactor.redact(fact));
    this.#parts.write(`${encodeFacts({ after, facts: recorded })}\n`);
    this.#loop.observe(facts);
  }

  /** The engine of the daemon, for the reads that it requests; everything else is left undone. */
  #buildLoop(): Loop {
    return new Loop({
      engine: { policy: readingPolicy(this.#parts.config), epoch: epoch(replayEpoch), lastSeq: seq(0) },
      clock: this.#parts.clock,
      handlers: {
        publish: () => undefined,
        runHooks: ({ order }, outcomes) =>
          outcomes.hooksFinished(order.lane, { link: order.event.link, rejected: [] }),
        readKernel: ({ request }) => this.#kernel.read(request),
        readNetworkd: () => this.#managers.readNetworkd(),
        changeRouting: () => undefined,
        callResolver: () => undefined,
      },
      pollHookDirectories: () => undefined,
      stepEnded: () => undefined,
    });
  }

  #buildKernel(): RtnetlinkSource {
    const { native, clock, log } = this.#parts;
    return new RtnetlinkSource({
      openChannel: (options) => new KernelNetlinkChannel(options, native),
      drivers: native,
      clock,
      log,
      sink: (facts) => {
        this.#managers.onKernelFacts(facts);
        this.#leases.onKernelFacts(facts);
        this.#take(facts);
      },
    });
  }

  #buildManagers(): BusSources {
    const { clock, log, env } = this.#parts;
    const address = env['DBUS_SYSTEM_BUS_ADDRESS'];
    const uid = (): number => process.geteuid?.() ?? 0;
    return new BusSources({
      bus: new SystemBus({ clock, log, chance: Math.random, address, uid }),
      clock,
      log,
      sink: (facts) => this.#take(facts),
      barrier: (done) => this.#kernel.barrier(done),
    });
  }
}

/** Reads as the daemon does, and plans nothing. */
function readingPolicy(config: Config): EnginePolicy {
  const policy = enginePolicy(config);
  return { ...policy, routing: { ...policy.routing, links: [] }, resolver: noResolver };
}
