import { HeaderFlag, MessageType } from '../../wire/netlink/constants.ts';
import { MessageWriter } from '../../wire/netlink/writer.ts';

/**
 * An empty request that the kernel acknowledges and does nothing else about: control messages are not handed to
 * rtnetlink, so that no lock is waited for (netlink_rcv_skb in af_netlink.c).
 */
export const encodeProbe = (sequence: number): Uint8Array =>
  new MessageWriter(MessageType.noop, HeaderFlag.request | HeaderFlag.ack, sequence).finish();
