/** What policy routing has to say to the operator, as log lines. */
import type { Conflict } from '../core/plan/policy-routing/conflicts.ts';
import { describeRoute, describeRule } from '../core/plan/policy-routing/describe.ts';
import { effectCommand } from '../core/plan/policy-routing/effect-command.ts';
import type { RoutingNotice } from '../core/plan/policy-routing/notices.ts';
import type { LogFields } from '../ports/logger.ts';

export interface NoticeLine {
  readonly message: string;
  readonly fields: LogFields;
}

export function noticeLine(notice: RoutingNotice): NoticeLine {
  switch (notice.kind) {
    case 'relocated': {
      const message = `its table would have a reserved number; it is table ${notice.table} instead`;
      return { message, fields: { interface: notice.link } };
    }
    case 'conflict':
      return {
        message: conflictText(notice.conflict),
        fields: { interface: notice.link, messageId: 'routingConflict' },
      };
    case 'deleted':
      return {
        message: notice.persistent
          ? persistentText
          : 'rules or routes of its table were deleted by somebody; restored',
        fields: { interface: notice.link, messageId: 'routingContested' },
      };
    case 'refused': {
      const { effect, code, text } = notice.failure;
      const command = effectCommand(effect, (index) => `#${index}`);
      const reason = text === undefined ? code : `${code}: ${text}`;
      return { message: `the kernel refuses '${command}' (${reason}); it is tried again`, fields: {} };
    }
  }
}

const persistentText =
  'somebody keeps deleting its rules or routes; restored less often from now on. If it is systemd-networkd, ' +
  'put these lines into /etc/systemd/networkd.conf.d/50-netevd.conf and restart it: [Network] ' +
  'ManageForeignRoutingPolicyRules=no ManageForeignRoutes=no';

function conflictText(conflict: Conflict): string {
  const by = 'owner' in conflict && conflict.owner !== undefined ? ` (by ${conflict.owner})` : '';
  switch (conflict.kind) {
    case 'tableInUse':
      return `table ${conflict.table} is in use${by}: ${describeRoute(conflict.route, (index) => `#${index}`)}. Give the link another in routing.tables`;
    case 'tableTaken':
      return `table ${conflict.table} belongs to ${conflict.by}. Give one of them another in routing.tables`;
    case 'routeInTheWay':
      return `a route${by} is where ours would be, and stays: ${describeRoute(conflict.route, (index) => `#${index}`)}`;
    case 'ruleInTheWay':
      return `a rule${by} decides about ${conflict.address} before ours: ${conflict.rule.priority}: ${describeRule(conflict.rule)}`;
    case 'addressElsewhere':
      return `${conflict.address} is an address of ${conflict.link} too, which answers for it`;
    case 'linkInVrf':
      return `the link is in VRF ${conflict.vrf}: its packets never come to policy rules`;
  }
}
