/** Times and durations for people; the time zone is that of the terminal. Pure, except for the zone. */
import type { Time } from '../../client/types.ts';

const units: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/** `12 d`, `3 min`, `0 s`: the largest unit alone. */
export function ageText(ms: number): string {
  const [name, size] = units.find(([, unit]) => ms >= unit) ?? ['s', 1000];
  return `${Math.max(0, Math.floor(ms / size))} ${name}`;
}

/** `12 d 4 h`, `6 h 12 min`, `40 s`: the two largest units; the second is left out if it is 0. */
export function spanText(ms: number): string {
  const at = units.findIndex(([, unit]) => ms >= unit);
  const [first, second] = [units[at], units[at + 1]];
  if (first === undefined || second === undefined) return ageText(ms);
  const rest = ms % first[1];
  return rest < second[1] ? ageText(ms) : `${ageText(ms)} ${Math.floor(rest / second[1])} ${second[0]}`;
}

/** `12 ms`, `2.3 s`, `4 min`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : spanText(ms);
}

/** How long ago, without a sign; `undefined` for a time that is unknown. */
export const ageSince = (time: Time | null, now: number): string | undefined =>
  time === null ? undefined : ageText(now - Date.parse(time));

const two = (number: number): string => String(number).padStart(2, '0');

/** `02:51:09` in the local zone. */
export function clockText(time: Time): string {
  const date = new Date(time);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `02:51:07.123` in the local zone. */
export const preciseClockText = (time: Time): string =>
  `${clockText(time)}.${String(new Date(time).getMilliseconds()).padStart(3, '0')}`;

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `Nov 28` in the local zone; with the year if it is not that of `now`. */
export function dayText(time: Time, now: number): string {
  const date = new Date(time);
  const day = `${months[date.getMonth()] ?? ''} ${date.getDate()}`;
  const year = date.getFullYear();
  return year === new Date(now).getFullYear() ? day : `${day} ${year}`;
}

/** `14 s ago`, within a day; else the day and the time of day. */
export function momentText(time: Time, now: number): string {
  const age = now - Date.parse(time);
  if (age < 86_400_000) return `${ageText(age)} ago`;
  return `${dayText(time, now)}, ${clockText(time)}`;
}

/** `1 204`: groups of three digits. */
export const countText = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+(?!\d))/g, ' ');

/** `1 rule`, `2 rules`. */
export const counted = (count: number, noun: string, plural: string = `${noun}s`): string =>
  `${countText(count)} ${count === 1 ? noun : plural}`;
