/** The log lines about the managers of links, with the fix. */
import type { OwnershipNotice } from '../../core/events/ownership-warnings.ts';
import type { Source } from '../../core/model/vocabulary.ts';
import type { LogFields } from '../../ports/logger.ts';

export interface OwnershipLine {
  readonly message: string;
  readonly fields: LogFields;
}

const units: Readonly<Record<'systemd-networkd' | 'NetworkManager', string>> = {
  'systemd-networkd': 'systemd-networkd.service',
  NetworkManager: 'NetworkManager.service',
};

/** Describes a problem with the owner of a link, with the fix. */
export function ownershipLine(notice: OwnershipNotice): OwnershipLine {
  if (notice.kind === 'claimedByTwo') {
    const message =
      'systemd-networkd and NetworkManager both manage this link, and each undoes the changes of the other; netevd follows ' +
      "systemd-networkd. To fix it, make only one of them manage the link: 'Unmanaged=yes' in a .network file, or 'unmanaged-devices' in NetworkManager.conf.";
    return { message, fields: { interface: notice.link, ifindex: notice.index } };
  }
  const { manager, isConfigured, running } = notice;
  const fields = { backend: manager, messageId: 'sourceLost' } as const;
  const instead = running.length === 0 ? 'no manager is running' : `running: ${listed(running)}`;
  const message = isConfigured
    ? `${manager}, which system.backend names, is not running or not on the bus (${instead}): netevd knows the ` +
      `states of links from the kernel alone. To fix it, start it (systemctl start ${units[manager]}) or set system.backend: auto.`
    : `${manager} is not on the bus any more: netevd knows the states of its links from the kernel alone. After a restart of the bus, ` +
      `restart it too: systemctl restart ${units[manager]}`;
  return { message, fields };
}

const listed = (running: readonly Source[]): string => running.join(', ');
