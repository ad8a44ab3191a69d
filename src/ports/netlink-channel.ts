/**
 * A channel to the kernel over one NETLINK_ROUTE socket (netlink(7)): requests out, datagrams in, in batches.
 * `wire/netlink` decodes the datagrams.
 */

/**
 * The place of one datagram: `length` bytes of `buffer` from `offset`. Valid only until the batch's handler
 * returns.
 */
export interface DatagramView {
  readonly buffer: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

/** Why the reader ended. The channel reads nothing more: dispose of it and open another. */
export interface NetlinkFailure {
  /** Positive errno of recvmmsg(2). */
  readonly errno: number;
}

/**
 * The datagrams since the last batch, in the kernel's order; all come from the kernel. The memory belongs to
 * the channel, which reuses it after the handler returns: decode at once, keep no view.
 */
export interface NetlinkBatch {
  /** Number of datagrams; 0 if the batch has only a flag. */
  readonly datagrams: number;
  /** The datagram number `index`, 0 to `datagrams - 1`; throws a RangeError outside. */
  view(index: number): DatagramView;
  /**
   * The kernel's buffer overflowed (ENOBUFS): notifications are lost, somewhere in or just after this batch.
   */
  readonly overrun: boolean;
  /** A datagram did not fit the channel's slot (64 KiB) and was dropped: treat it as lost. */
  readonly truncated: boolean;
  /** Datagrams of another process arrived and were dropped. */
  readonly foreign: boolean;
  readonly error?: NetlinkFailure;
}

/** Counters since the channel was opened. */
export interface NetlinkStats {
  /** Datagrams passed on, and their bytes. */
  readonly datagrams: number;
  readonly bytes: number;
  /** Times that the kernel reported ENOBUFS. */
  readonly overruns: number;
  readonly truncated: number;
  /** Datagrams dropped because their sender was not the kernel. */
  readonly foreign: number;
  /** Times that the reader thread woke up. */
  readonly wakeups: number;
  /** SO_RCVBUF as the kernel reports it: twice the requested size, if the kernel granted it. */
  readonly receiveBuffer: number;
  /** Whether SO_RCVBUFFORCE was allowed; otherwise net.core.rmem_max caps the buffer. */
  readonly forced: boolean;
  /** The socket's own address (nl_pid). */
  readonly portId: number;
}

/** The result of a send: `errno` is positive (EAGAIN, ENOBUFS, EPERM …), and then nothing was sent. */
export type SendOutcome = { readonly ok: true } | { readonly ok: false; readonly errno: number };

export interface NetlinkChannel extends AsyncDisposable {
  /** Sends one or more complete netlink messages to the kernel in one datagram; never blocks. */
  send(message: Uint8Array): SendOutcome;
  stats(): NetlinkStats;
  /** Ends the reader; no batch is delivered after this has returned. May be called repeatedly. */
  close(): void;
}

export interface NetlinkChannelOptions {
  /** Multicast groups to join, RTNLGRP_* of linux/rtnetlink.h; numbers above 32 too. */
  readonly groups: readonly number[];
  /** Bytes for SO_RCVBUF(FORCE); the kernel doubles it. */
  readonly receiveBuffer: number;
  /** Called once for each wake-up. An exception in it is a bug and ends the process. */
  readonly onBatch: (batch: NetlinkBatch) => void;
}

/** Opens a channel; throws an Error with `code` (errno name) if the kernel refuses the socket. */
export type OpenNetlinkChannel = (options: NetlinkChannelOptions) => NetlinkChannel;
