/** Reads the present counters of a link: `RTM_GETLINK` on a socket of its own. */
import type { IfIndex } from '../core/model/ids.ts';
import type { LinkStatistics } from '../core/model/kernel-objects.ts';
import { MessageType } from '../wire/netlink/constants.ts';
import { parseLink } from '../wire/netlink/link.ts';
import { parseMessages } from '../wire/netlink/message.ts';
import { encodeGetLink } from '../wire/netlink/read-request.ts';
import type { Native } from './native.ts';

/** The kernel answers within microseconds; one that is busy with a long dump must not block the loop. */
const timeoutMs = 50;

/**
 * Undefined where the link is gone, or the kernel does not answer in time. Blocks for about ten microseconds.
 */
export function readLinkStatistics(
  native: Pick<Native, 'netlinkQuery'>,
  index: IfIndex,
): LinkStatistics | undefined {
  let answer: Uint8Array;
  try {
    answer = native.netlinkQuery(encodeGetLink(index, 1), timeoutMs);
  } catch (error) {
    if (error instanceof Error && 'errno' in error) return undefined;
    throw error;
  }
  let statistics: LinkStatistics | undefined;
  parseMessages(answer, 0, answer.length, ({ type, offset, length }) => {
    if (type !== MessageType.newLink) return;
    const parsed = parseLink(answer, offset, length);
    if (parsed.ok && 'link' in parsed) statistics = parsed.link.statistics;
  });
  return statistics;
}
