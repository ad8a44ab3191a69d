/** What differs of the host as a whole. */
import type { Change } from '../change.ts';
import { isSameRecord, isSameValue } from '../same.ts';
import type { State } from '../state.ts';

/** networkd's word, NetworkManager's, then what the links add up to. A manager that is not running has no properties. */
export function diffHost(before: State, after: State, changes: Change[]): void {
  const managers = [
    ['systemd-networkd', before.networkd.host, after.networkd.host],
    ['NetworkManager', before.networkManager.host, after.networkManager.host],
  ] as const;
  for (const [source, from, to] of managers) {
    if (!isSameRecord(from, to)) changes.push({ kind: 'hostChanged', source, from, to });
  }
  const { host: from } = before;
  const { host: to } = after;
  if (!isSameValue(from, to)) changes.push({ kind: 'hostPictureChanged', from, to });
}
