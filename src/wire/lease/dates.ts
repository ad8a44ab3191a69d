/** Parses dates of dhclient.leases(5). */
import { type Timestamp, timestamp } from '../../core/model/ids.ts';

/**
 * Parses `never`, `epoch 1795946591`, or `2 2026/11/24 10:11:12` with an optional offset in seconds, which is
 * added as dhclient does. The time zone is UTC; the day of the week is ignored. Returns undefined for
 * anything else.
 */
export function parseLeaseDate(words: readonly string[]): Timestamp | 'never' | undefined {
  const [first, second] = words;
  if (first?.toLowerCase() === 'never') return words.length === 1 ? 'never' : undefined;
  if (first?.toLowerCase() === 'epoch') {
    return words.length === 2 && second !== undefined && /^\d{1,11}$/.test(second)
      ? timestamp(Number(second) * 1000)
      : undefined;
  }
  return parseCivil(words);
}

function parseCivil(words: readonly string[]): Timestamp | undefined {
  const text = words.join(' ');
  const match =
    /^\d (\d{1,4})\/(\d{1,2})\/(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})(?: ([+-]?\d{1,6}|UTC|GMT))?$/i.exec(
      text,
    );
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  // dhclient counts years up to 1900 from 1900.
  const fullYear = year > 1900 ? year : year + 1900;
  if (month < 1 || month > 12 || day < 1 || day > daysOf(fullYear, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const offset = /^[+-]?\d+$/.test(match[7] ?? '') ? Number(match[7]) : 0;
  return timestamp(Date.UTC(fullYear, month - 1, day, hour, minute, second) + offset * 1000);
}

const daysOf = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();
