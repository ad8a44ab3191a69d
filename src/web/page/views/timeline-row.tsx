/** One row of the timeline, closed: when, where, what. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import type { NetevdRecord } from '../../../client/types.ts';
import { cursorOf } from '../../../client/url.ts';
import { kindNames } from '../../model/filters.ts';
import { formatDuration } from '../../model/time.ts';
import { gapText, type TimelineRow } from '../../model/timeline.ts';
import { usePage } from '../context.ts';
import { SeverityMark } from './parts.tsx';
import { RecordDetails } from './record-details.tsx';

interface RowProps {
  readonly row: TimelineRow;
  /** The heading above it, where a day begins. */
  readonly day: string | undefined;
  /** The one that the tab key reaches; the others by j and k. */
  readonly isFirst: boolean;
}

export function Row({ row, day, isFirst }: RowProps): JSX.Element {
  return (
    <li>
      {day !== undefined && <p class="day">{day}</p>}
      {row.kind === 'record' ? (
        <RecordRow record={row.record} at={row.at} isFirst={isFirst} />
      ) : (
        <p class={`seam ${row.kind}`}>
          {row.kind === 'gap'
            ? gapText(row.gap)
            : `connected again after ${formatDuration(row.afterMs)}; nothing missed unless a gap is shown`}
        </p>
      )}
    </li>
  );
}

interface RecordRowProps {
  readonly record: NetevdRecord;
  readonly at: number;
  readonly isFirst: boolean;
}

function RecordRow({ record, at, isFirst }: RecordRowProps): JSX.Element {
  const { store, actions, time } = usePage();
  const cursor = cursorOf(record.id);
  const isOpen = useComputed(() => store.openRecord.value === cursor);
  return (
    <>
      <button
        type="button"
        class={`row ${record.severity}`}
        data-record={record.id}
        aria-expanded={isOpen.value}
        tabIndex={isFirst || isOpen.value ? 0 : -1}
        onClick={() => actions.toggleRecord(record.id)}
      >
        <time class="at" dateTime={record.ts}>
          {time.clock(at)}
        </time>
        <span class="where">{record.link ?? 'host'}</span>
        <span class="message">
          {record.severity !== 'info' && <SeverityMark severity={record.severity} />}
          {record.message}
        </span>
        <span class="origin">{originOf(record)}</span>
      </button>
      {isOpen.value && <RecordDetails record={record} />}
    </>
  );
}

/** Who says so, in one word. */
function originOf(record: NetevdRecord): string {
  switch (record.kind) {
    case 'event':
      return record.backend;
    case 'hook_run':
      return 'hook';
    case 'source':
      return record.source;
    default:
      return kindNames[record.kind];
  }
}
