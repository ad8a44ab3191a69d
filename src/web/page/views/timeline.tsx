/** The timeline: what happened, newest first, with filters. */
import { type Signal, useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { isFiltering } from '../../model/filters.ts';
import { heldText, startsDay, visibleRows } from '../../model/timeline.ts';
import { usePage } from '../context.ts';
import { Failure, Section } from './parts.tsx';
import { TimelineFilters } from './timeline-filters.tsx';
import { Row } from './timeline-row.tsx';

/** Rows at first, and with each touch of the button: on a phone the sections below stay within reach. */
const ROWS_AT_ONCE = { narrow: 25, wide: 100 };

const rowsAtOnce = (): number =>
  window.matchMedia('(min-width: 1000px)').matches ? ROWS_AT_ONCE.wide : ROWS_AT_ONCE.narrow;

export function TimelineSection(): JSX.Element {
  const limit = useSignal(rowsAtOnce());
  return (
    <Section id="timeline" title="Timeline" aside={<HeldRows />}>
      <TimelineFilters />
      <Rows limit={limit.value} />
      <End limit={limit} />
    </Section>
  );
}

/** The number of rows that are held back. */
function HeldRows(): JSX.Element | null {
  const { store, actions } = usePage();
  const timeline = store.timeline.value;
  if (timeline.held.length === 0) return null;
  const show = (): void => {
    actions.releaseRows();
    const title = document.getElementById('timeline-title');
    title?.focus({ preventScroll: true });
    title?.scrollIntoView({ block: 'start' });
  };
  return (
    <button type="button" class="held" onClick={show}>
      {heldText(timeline)}
    </button>
  );
}

function Rows({ limit }: { readonly limit: number }): JSX.Element {
  const { store, actions, time } = usePage();
  const list = useRef<HTMLUListElement>(null);
  useScrolledPast(list);
  useSignalEffect(() => {
    if (!store.isReading.value) actions.releaseRows();
  });
  const { rows } = store.timeline.value;
  const isInside = (target: EventTarget | null): boolean =>
    target instanceof Node && list.current?.contains(target) === true;
  return (
    <ul
      class="rows"
      ref={list}
      onFocusIn={() => (store.hasFocus.value = true)}
      onFocusOut={(event) => (store.hasFocus.value = isInside(event.relatedTarget))}
    >
      {visibleRows(rows, limit, store.openRecord.value).map((row, position) => (
        <Row
          key={row.key}
          row={row}
          day={startsDay(row, rows[position - 1], time) ? time.day(row.at) : undefined}
          isFirst={position === 0}
        />
      ))}
    </ul>
  );
}

/** Elements below the window count as visible, so an invisible one is above, also after a jump. */
const BELOW_COUNTS = '0px 0px 1000000px 0px';

/** Knows whether the top of the list has been scrolled out of sight, of the window or of the list's own panel. */
function useScrolledPast(list: { readonly current: HTMLElement | null }): void {
  const { store } = usePage();
  useEffect(() => {
    const above = list.current?.previousElementSibling;
    if (above === null || above === undefined) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry !== undefined) store.isScrolled.value = !entry.isIntersecting;
      },
      { rootMargin: BELOW_COUNTS },
    );
    observer.observe(above);
    return () => observer.disconnect();
  }, [list, store]);
}

/** What follows below the list. */
function End({ limit }: { readonly limit: Signal<number> }): JSX.Element | null {
  const { store, actions } = usePage();
  const { rows, older } = store.timeline.value;
  if (store.timelineProblem.value !== undefined) return <Failure problem={store.timelineProblem.value} />;
  if (older !== undefined || rows.length > limit.value) {
    const more = (): void => {
      limit.value += rowsAtOnce();
      if (limit.value > rows.length) actions.loadOlder();
    };
    return (
      <button type="button" class="more" onClick={more}>
        {store.isTimelineLoading.value ? 'Loading…' : 'Show older'}
      </button>
    );
  }
  if (store.isTimelineLoading.value) return <p class="empty">Loading…</p>;
  if (rows.length > 0) return <p class="empty">No older records are kept.</p>;
  return (
    <p class="empty">
      {isFiltering(store.filters.value) ? 'No record matches the filters.' : 'Nothing recorded yet.'}
    </p>
  );
}
