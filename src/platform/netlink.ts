/** The netlink channel to the kernel, on the addon's reader thread. */
import type {
  DatagramView,
  NetlinkBatch,
  NetlinkChannel,
  NetlinkChannelOptions,
  NetlinkFailure,
  NetlinkStats,
  SendOutcome,
} from '../ports/netlink-channel.ts';
import { loadNative, type Native, NetlinkFlag, type NetlinkHandle } from './native.ts';

class SlabBatch implements NetlinkBatch {
  readonly datagrams: number;
  readonly overrun: boolean;
  readonly truncated: boolean;
  readonly foreign: boolean;
  readonly error?: NetlinkFailure;
  readonly #slab: Uint8Array;
  readonly #index: Int32Array;

  constructor(slab: Uint8Array, index: Int32Array, count: number, flags: number, errno: number) {
    this.#slab = slab;
    this.#index = index;
    this.datagrams = count;
    this.overrun = (flags & NetlinkFlag.overrun) !== 0;
    this.truncated = (flags & NetlinkFlag.truncated) !== 0;
    this.foreign = (flags & NetlinkFlag.foreign) !== 0;
    if ((flags & NetlinkFlag.error) !== 0) this.error = { errno };
  }

  view(index: number): DatagramView {
    const offset = this.#index[2 * index];
    const length = this.#index[2 * index + 1];
    if (index < 0 || index >= this.datagrams || offset === undefined || length === undefined) {
      throw new RangeError(`datagram ${index} of ${this.datagrams}`);
    }
    return { buffer: this.#slab, offset, length };
  }
}

/** A NETLINK_ROUTE socket of this process's network namespace. */
export class KernelNetlinkChannel implements NetlinkChannel {
  readonly #native: Native;
  readonly #handle: NetlinkHandle;
  #lastStats: NetlinkStats | undefined;

  /** Opens at once; throws a NativeError where the kernel refuses. */
  constructor(options: NetlinkChannelOptions, native: Native = loadNative()) {
    this.#native = native;
    const { groups, receiveBuffer, onBatch } = options;
    this.#handle = native.netlinkOpen({
      groups,
      receiveBuffer,
      onBatch: (slab, index, count, flags, errno) => onBatch(new SlabBatch(slab, index, count, flags, errno)),
    });
  }

  send(message: Uint8Array): SendOutcome {
    const sent = this.#native.netlinkSend(this.#handle, message);
    return sent < 0 ? { ok: false, errno: -sent } : { ok: true };
  }

  /** After `close`: the counters at that time. */
  stats(): NetlinkStats {
    return this.#lastStats ?? this.#native.netlinkStats(this.#handle);
  }

  close(): void {
    if (this.#lastStats !== undefined) return;
    this.#lastStats = this.#native.netlinkStats(this.#handle);
    this.#native.netlinkClose(this.#handle);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}
