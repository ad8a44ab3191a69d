/**
 * A conversation with the kernel over one NETLINK_ROUTE socket (netlink(7)): requests out, datagrams in, in batches.
 * What a datagram means is the business of `wire/netlink`.
 */

/** Where one datagram lies: `length` bytes of `buffer` from `offset`. Valid only until the batch's handler returns. */
export interface DatagramView {
  readonly buffer: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

/** What the reader failed with. The channel reads nothing more: dispose of it and open another. */
export interface NetlinkFailure {
  /** Positive errno of recvmmsg(2). */
  readonly errno: number;
}

/**
 * What arrived since the last batch, in the kernel's order; every datagram is the kernel's own. The memory belongs to
 * the channel and is written again after the handler returns: decode at once, keep no view.
 */
export interface NetlinkBatch {
  /** How many datagrams there are; 0 where only a flag is told. */
  readonly datagrams: number;
  /** The datagram number `index`, 0 to `datagrams - 1`; throws a RangeError outside. */
  view(index: number): DatagramView;
  /** The kernel's buffer ran over (ENOBUFS): notifications are lost, somewhere in or just after this batch. */
  readonly overrun: boolean;
  /** A datagram did not fit the channel's slot (64 KiB) and was dropped: treat as lost. */
  readonly truncated: boolean;
  /** Datagrams of another process arrived and were dropped. */
  readonly foreign: boolean;
  readonly error?: NetlinkFailure;
}

/** Counters since the channel was opened. */
export interface NetlinkStats {
  /** Datagrams handed over, and their bytes. */
  readonly datagrams: number;
  readonly bytes: number;
  /** Times that the kernel reported ENOBUFS. */
  readonly overruns: number;
  readonly truncated: number;
  /** Datagrams dropped because their sender was not the kernel. */
  readonly foreign: number;
  /** Times that the reader woke up. */
  readonly wakeups: number;
  /** SO_RCVBUF as the kernel tells it: twice what was asked for, where it was granted. */
  readonly receiveBuffer: number;
  /** Whether SO_RCVBUFFORCE was allowed; otherwise net.core.rmem_max caps the buffer. */
  readonly forced: boolean;
  /** The socket's own address (nl_pid). */
  readonly portId: number;
}

/** How a request left: `errno` is positive (EAGAIN, ENOBUFS, EPERM …), and then nothing was sent. */
export type SendOutcome = { readonly ok: true } | { readonly ok: false; readonly errno: number };

export interface NetlinkChannel extends AsyncDisposable {
  /** Sends one or more complete netlink messages to the kernel in one datagram; never blocks. */
  send(message: Uint8Array): SendOutcome;
  stats(): NetlinkStats;
  /** Ends the reader; no batch is delivered after this has returned. Harmless when repeated. */
  close(): void;
}

export interface NetlinkChannelOptions {
  /** Multicast groups to join, RTNLGRP_* of linux/rtnetlink.h; numbers above 32 too. */
  readonly groups: readonly number[];
  /** Bytes for SO_RCVBUF(FORCE); the kernel doubles it. */
  readonly receiveBuffer: number;
  /** Called once for each wake-up. What it throws ends the process: it is a bug. */
  readonly onBatch: (batch: NetlinkBatch) => void;
}

/** Opens a channel; throws an Error with `code` (errno name) where the kernel refuses the socket. */
export type OpenNetlinkChannel = (options: NetlinkChannelOptions) => NetlinkChannel;
