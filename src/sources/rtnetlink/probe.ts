import { HeaderFlag, MessageType } from '../../wire/netlink/constants.ts';
import { MessageWriter } from '../../wire/netlink/writer.ts';

/**
 * Encodes an empty request that the kernel only acknowledges. Control messages never reach rtnetlink, so that
 * the request waits for no lock (netlink_rcv_skb in af_netlink.c).
 */
export const encodeProbe = (sequence: number): Uint8Array =>
  new MessageWriter(MessageType.noop, HeaderFlag.request | HeaderFlag.ack, sequence).finish();
