/** What there is to say about who manages what, as log lines with their remedies. */
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
      'systemd-networkd and NetworkManager both manage this link, and will undo what the other does; netevd follows ' +
      "systemd-networkd. Take it from one of them: 'Unmanaged=yes' in a .network file, or 'unmanaged-devices' in NetworkManager.conf.";
    return { message, fields: { interface: notice.link, ifindex: notice.index } };
  }
  const { manager, isConfigured, running } = notice;
  const fields = { backend: manager, messageId: 'sourceLost' } as const;
  const instead = running.length === 0 ? 'no manager is running' : `running: ${listed(running)}`;
  const message = isConfigured
    ? `${manager}, which system.backend names, is not running or not on the bus (${instead}): links are followed by what ` +
      `the kernel says. Start it (systemctl start ${units[manager]}), or set system.backend: auto.`
    : `${manager} is not on the bus any more: its links are followed by what the kernel says. After a restart of the bus it ` +
      `must be restarted, too: systemctl restart ${units[manager]}`;
  return { message, fields };
}

const listed = (running: readonly Source[]): string => running.join(', ');
