/** The last 24 hours of a link: the worse, the taller; with the same in words. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import {
  countFlaps,
  STRIP_HEIGHT,
  STRIP_WIDTH,
  type Strip,
  stripShapes,
  stripText,
} from '../../model/strip.ts';
import { usePage } from '../context.ts';

/** The drawing moves one pixel in some minutes: no need to draw it more often. */
const DRAW_EVERY_MS = 300_000;
/** A change of this moment is to be seen at once. */
const NEWEST_SPAN_MS = 60_000;

export function LinkStrip({ index }: { readonly index: number }): JSX.Element | null {
  const { store, halfMinute } = usePage();
  const strip = useComputed(() => store.strips.value.get(index));
  const tick = useComputed(() => Math.floor(halfMinute.value / DRAW_EVERY_MS) * DRAW_EVERY_MS);
  if (strip.value === undefined) return <p class="strip-note">no history of the last 24 h</p>;
  const now = Math.max(tick.value, (strip.value.segments.at(-1)?.at ?? 0) + NEWEST_SPAN_MS);
  return <Drawing strip={strip.value} now={now} />;
}

function Drawing({ strip, now }: { readonly strip: Strip; readonly now: number }): JSX.Element {
  const flaps = countFlaps(strip, now);
  return (
    <div class="strip">
      <svg
        viewBox={`0 0 ${STRIP_WIDTH} ${STRIP_HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={stripText(strip, now)}
      >
        {stripShapes(strip, now).map((shape) => (
          <path key={shape.class} class={shape.class} d={shape.path} />
        ))}
      </svg>
      <p class="strip-note" aria-hidden="true">
        24 h ·{' '}
        <span class={flaps === 0 ? undefined : 'flaps'}>
          {flaps === 0 ? 'no loss of carrier' : `${flaps} ${flaps === 1 ? 'loss' : 'losses'} of carrier`}
        </span>
      </p>
    </div>
  );
}
