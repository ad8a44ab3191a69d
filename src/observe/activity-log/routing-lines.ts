/** The log lines about policy routing. */

import { conflictLabels } from '../../core/routing/report/conflict-labels.ts';
import { diversionLabels } from '../../core/routing/report/diversion-labels.ts';
import { effectCommand } from '../../core/routing/report/effect-command.ts';
import { describeRule } from '../../core/routing/report/labels.ts';
import type { RoutingNotice } from '../../core/routing/report/routing-notices.ts';
import type { Conflict } from '../../core/routing/wanted/conflicts.ts';
import type { LogFields } from '../../ports/logger.ts';

export interface NoticeLine {
  /** `info` for a problem that is fixed already. */
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly fields: LogFields;
}

/** Describes a problem of policy routing, with the fix. */
export function noticeLine(notice: RoutingNotice): NoticeLine {
  switch (notice.kind) {
    case 'relocated': {
      const message = `the number of its table would be reserved; netevd uses table ${notice.table} instead`;
      return { level: 'warn', message, fields: { interface: notice.link } };
    }
    case 'conflict':
      return {
        level: 'warn',
        message: conflictText(notice.conflict),
        fields: { interface: notice.link, messageId: 'routingConflict' },
      };
    case 'deleted':
      return {
        level: notice.persistent ? 'warn' : 'info',
        message: notice.persistent
          ? persistentText
          : 'rules or routes of its table were deleted by another program; restored',
        fields: { interface: notice.link, messageId: 'routingContested' },
      };
    case 'diverted': {
      const { addresses, diversion, band, link } = notice;
      const { text, remedy } = diversionLabels(diversion, band, (index) => `#${index}`);
      const message = `packets from ${addresses.join(', ')} are diverted by ${text}; fix: ${remedy}`;
      return { level: 'warn', message, fields: { interface: link, messageId: 'routingConflict' } };
    }
    case 'placed': {
      const { first, before } = notice;
      const reason =
        before === undefined
          ? ''
          : `, before rule ${before.priority} (${describeRule(before)}), which catches everything`;
      return { level: 'info', message: `rules have priorities from ${first} on${reason}`, fields: {} };
    }
    case 'refused': {
      const { effect, code, text } = notice.failure;
      const command = effectCommand(effect, (index) => `#${index}`);
      const reason = text === undefined ? code : `${code}: ${text}`;
      const message = `the kernel refuses '${command}' (${reason}); netevd tries again`;
      return { level: 'warn', message, fields: {} };
    }
  }
}

const persistentText =
  'another program keeps deleting its rules or routes; they are restored less often from now on. If it is systemd-networkd, ' +
  'put these lines into /etc/systemd/networkd.conf.d/50-netevd.conf and restart it: [Network] ' +
  'ManageForeignRoutingPolicyRules=no ManageForeignRoutes=no';

function conflictText(conflict: Conflict): string {
  const { text, remedy } = conflictLabels(conflict, (index) => `#${index}`);
  return `${text}; to fix it, ${remedy}`;
}
