/** A netlink channel whose kernel is the test: it reads what was sent and delivers what arrives. */
import type {
  NetlinkBatch,
  NetlinkChannel,
  NetlinkChannelOptions,
  NetlinkStats,
  SendOutcome,
} from '../ports/netlink-channel.ts';

export class FakeNetlinkChannel implements NetlinkChannel {
  readonly options: NetlinkChannelOptions;
  readonly sent: Uint8Array[] = [];
  /** Outcomes of the next sends; later sends succeed. */
  readonly outcomes: SendOutcome[] = [];
  isClosed = false;
  readonly portId = 77;
  forced = true;

  constructor(options: NetlinkChannelOptions) {
    this.options = options;
  }

  send(message: Uint8Array): SendOutcome {
    const outcome = this.outcomes.shift() ?? { ok: true };
    if (outcome.ok) this.sent.push(message.slice());
    return outcome;
  }

  stats(): NetlinkStats {
    const { portId, forced } = this;
    const receiveBuffer = forced ? 2 * this.options.receiveBuffer : 425_984;
    const none = { datagrams: 0, bytes: 0, overruns: 0, truncated: 0, foreign: 0, wakeups: 0 };
    return { ...none, receiveBuffer, forced, portId };
  }

  close(): void {
    this.isClosed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Delivers one batch. */
  deliver(datagrams: readonly Uint8Array[], over: Partial<NetlinkBatch> = {}): void {
    this.options.onBatch({
      datagrams: datagrams.length,
      view: (index) => {
        const buffer = datagrams[index];
        if (buffer === undefined) throw new RangeError(`datagram ${index} of ${datagrams.length}`);
        return { buffer, offset: 0, length: buffer.length };
      },
      overrun: false,
      truncated: false,
      foreign: false,
      ...over,
    });
  }
}
