/**
 * Moves the band of rule priorities before catch-all rules of other programs. The first moves come at once, as
 * restorations do; another program that keeps putting its rule first makes them rarer, so that nobody fights.
 */
import { after, type Instant } from '../../model/ids.ts';
import type { Band } from '../wanted/band.ts';
import { contestDelay } from './contest.ts';

export interface BandPlace {
  readonly band: Band;
  /** Moves since the last quiet time. */
  readonly moves: number;
  readonly movedAt?: Instant;
}

export interface Placement {
  readonly place: BandPlace;
  /** When the band may move to where it is wanted. */
  readonly waitUntil?: Instant;
}

/** How long the band must stay before its moves are forgotten, in milliseconds. */
const quietTime = 60_000;

/** Returns the place of the band now. `last` is undefined after the start: existing rules of netevd say nothing. */
export function placeBand(last: BandPlace | undefined, wanted: Band, now: Instant): Placement {
  if (last === undefined) return { place: { band: wanted, moves: 0 } };
  if (last.band.first === wanted.first) {
    return { place: last.band === wanted ? last : { ...last, band: wanted } };
  }
  const moves = isQuiet(last, now) ? 0 : last.moves;
  const movableAt =
    last.movedAt === undefined || moves === 0 ? now : after(last.movedAt, contestDelay(moves));
  if (movableAt > now) return { place: last, waitUntil: movableAt };
  return { place: { band: wanted, moves: moves + 1, movedAt: now } };
}

const isQuiet = ({ moves, movedAt }: BandPlace, now: Instant): boolean =>
  movedAt === undefined || now - movedAt > Math.max(quietTime, 4 * contestDelay(Math.max(1, moves)));
