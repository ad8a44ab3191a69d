/** Decodes messages of a dump. */

import { parseAddress } from '../../wire/netlink/address.ts';
import { MessageType, StructSize } from '../../wire/netlink/constants.ts';
import { parseLink } from '../../wire/netlink/link.ts';
import type { MessageHeader } from '../../wire/netlink/message.ts';
import { parseNextHop } from '../../wire/netlink/next-hop-object.ts';
import type { Malformed } from '../../wire/netlink/problem.ts';
import { parseRoute } from '../../wire/netlink/route.ts';
import { parseRule } from '../../wire/netlink/rule.ts';
import type { DumpedObject } from './dump-session.ts';
import { isTrackedRouteMessage } from './notification.ts';

/** Returns undefined for a message that netevd does not model or does not keep. */
export function decodeDumped(bytes: Uint8Array, header: MessageHeader): DumpedObject | Malformed | undefined {
  const { offset, length } = header;
  switch (header.type) {
    case MessageType.newAddress: {
      const parsed = parseAddress(bytes, offset, length);
      if (parsed.ok) return { kind: 'address', address: parsed.address };
      return parsed.ignored ? undefined : parsed;
    }
    case MessageType.newLink: {
      const parsed = parseLink(bytes, offset, length);
      if (parsed.ok) return { kind: 'link', link: parsed.link };
      return parsed.ignored ? undefined : parsed;
    }
    case MessageType.newRoute: {
      if (length >= StructSize.route && !isTrackedRouteMessage(bytes, offset)) return undefined;
      const parsed = parseRoute(bytes, offset, length);
      if (parsed.ok) return { kind: 'route', route: parsed.route };
      return parsed.ignored ? undefined : parsed;
    }
    case MessageType.newNextHop: {
      const parsed = parseNextHop(bytes, offset, length);
      return parsed.ok ? { kind: 'nextHop', nextHop: parsed.nextHop } : parsed;
    }
    case MessageType.newRule: {
      const parsed = parseRule(bytes, offset, length);
      if (parsed.ok) return { kind: 'rule', rule: parsed.rule };
      return parsed.ignored ? undefined : parsed;
    }
    default:
      return undefined;
  }
}
