/** Renders a problem that netevd reports once as JSON. */
import type { ResolverNoticed, RoutingNoticed } from '../activity.ts';
import { conflictLabels } from '../routing/report/conflict-labels.ts';
import { diversionLabels } from '../routing/report/diversion-labels.ts';
import { describeRule } from '../routing/report/labels.ts';
import type { RoutingNotice } from '../routing/report/routing-notices.ts';
import type { NoticeRecord } from './types/records.ts';

type NoticeBody = Omit<NoticeRecord, 'schema' | 'id' | 'seq' | 'ts' | 'index' | 'caused_by'>;

/** `event` is `routing-conflict`, `routing-deleted`, `resolver-refused` and so on. */
export function noticeView(activity: RoutingNoticed | ResolverNoticed): NoticeBody {
  const { notice } = activity;
  const subject = activity.kind === 'routingNoticed' ? 'routing' : 'resolver';
  const link = 'link' in notice ? notice.link : null;
  const { text, remedy } =
    activity.kind === 'routingNoticed' ? routingText(activity.notice) : { text: notice.key, remedy: null };
  return {
    kind: 'repair',
    event: `${subject}-${notice.kind}`,
    link,
    severity: 'warning',
    message: text,
    object: 'notice',
    remedy,
  };
}

function divertedText({ addresses, diversion, band }: RoutingNotice & { readonly kind: 'diverted' }): {
  readonly text: string;
  readonly remedy: string;
} {
  const { text, remedy } = diversionLabels(diversion, band, (index) => `#${index}`);
  return { text: `packets from ${addresses.join(', ')} are diverted by ${text}`, remedy };
}

function placedText({ first, before }: RoutingNotice & { readonly kind: 'placed' }): {
  readonly text: string;
  readonly remedy: null;
} {
  const reason = before === undefined ? '' : `, before rule ${before.priority} (${describeRule(before)})`;
  return { text: `rules of policy routing have priorities from ${first} on${reason}`, remedy: null };
}

function routingText(notice: RoutingNotice): { readonly text: string; readonly remedy: string | null } {
  switch (notice.kind) {
    case 'relocated':
      return { text: `uses table ${notice.table}: the derived number is reserved`, remedy: null };
    case 'conflict':
      return conflictLabels(notice.conflict, (index) => `#${index}`);
    case 'deleted':
      return {
        text: `another program ${notice.persistent ? 'keeps deleting' : 'deleted'} rules or routes`,
        remedy: null,
      };
    case 'diverted':
      return divertedText(notice);
    case 'placed':
      return placedText(notice);
    case 'refused':
      return {
        text: `the kernel refuses ${notice.failure.effect.kind} (${notice.failure.code})`,
        remedy: null,
      };
  }
}
