/** Ages and times of day, as the command line writes them. Pure: the time zone comes from outside. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `4 s`, `3 min`, `2 h 5 min`, `12 d 4 h`; nothing below a second, nothing negative. */
export function formatAge(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return pair(Math.floor(ms / HOUR), 'h', Math.floor((ms % HOUR) / MINUTE), 'min');
  return pair(Math.floor(ms / DAY), 'd', Math.floor((ms % DAY) / HOUR), 'h');
}

/** Only the larger unit, for narrow places. */
export function formatShortAge(ms: number): string {
  if (ms < HOUR) return formatAge(ms);
  return ms < DAY ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / DAY)} d`;
}

const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;

/** How long something took: `34 ms`, `2.3 s`, `3.5 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const [value, unit] = ms < MINUTE ? [ms / 1000, 's'] : [ms / MINUTE, 'min'];
  return `${value.toFixed(1).replace(/\.0$/, '')} ${unit}`;
}

/** Times of one time zone (`Europe/Berlin`; the browser's if undefined). */
export interface LocalTime {
  /** `02:51:07` */
  clock(ms: number): string;
  /** `02:51` */
  minute(ms: number): string;
  /** `Sat, Nov 28`: the heading of a day. */
  day(ms: number): string;
  /** `02:51` today, `Nov 27, 02:51` on another day. */
  moment(ms: number, now: number): string;
}

/** Formatters are made once: making one costs more than using it a thousand times. */
export function localTime(timeZone?: string): LocalTime {
  const zone = timeZone === undefined ? {} : { timeZone };
  const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat('en-US', { ...options, ...zone, hourCycle: 'h23' });
  const clock = format({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const minute = format({ hour: '2-digit', minute: '2-digit' });
  const day = format({ weekday: 'short', month: 'short', day: 'numeric' });
  const date = format({ month: 'short', day: 'numeric' });
  return {
    clock: (ms) => clock.format(ms),
    minute: (ms) => minute.format(ms),
    day: (ms) => day.format(ms),
    moment: (ms, now) =>
      day.format(ms) === day.format(now) ? minute.format(ms) : `${date.format(ms)}, ${minute.format(ms)}`,
  };
}
