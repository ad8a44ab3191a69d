/** Renders a problem that netevd reports once as JSON. */
import type { ResolverNoticed, RoutingNoticed } from '../activity.ts';
import { conflictLabels } from '../routing/report/conflict-labels.ts';
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
    case 'refused':
      return {
        text: `the kernel refuses ${notice.failure.effect.kind} (${notice.failure.code})`,
        remedy: null,
      };
  }
}
