/** Changes of the host as a whole. */
import type { Change } from '../model/change.ts';
import { isSameRecord, isSameValue } from '../model/equality.ts';
import type { State } from '../model/state.ts';
import type { Source } from '../model/vocabulary.ts';

/**
 * Adds the changes of networkd's properties, of NetworkManager's, and of the host status, in this order. A
 * manager that is not running has no properties.
 */
export function diffHost(before: State, after: State, changes: Change[]): void {
  if (before.networkd.host !== after.networkd.host) {
    diffManager('systemd-networkd', before.networkd.host, after.networkd.host, changes);
  }
  if (before.networkManager.host !== after.networkManager.host) {
    diffManager('NetworkManager', before.networkManager.host, after.networkManager.host, changes);
  }
  const { host: from } = before;
  const { host: to } = after;
  if (!isSameValue(from, to)) changes.push({ kind: 'hostStatusChanged', from, to });
}

type Properties = Readonly<Record<string, string>>;

function diffManager(source: Source, from: Properties, to: Properties, changes: Change[]): void {
  if (!isSameRecord(from, to)) changes.push({ kind: 'hostChanged', source, from, to });
}
