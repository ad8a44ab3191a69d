/** How long to wait before a reading is tried again: longer each time. */
import { type Millis, millis } from '../../core/ids.ts';

const delays: readonly Millis[] = [1_000, 3_000, 10_000, 30_000].map(millis);

/** `failures`: how many there were before in a row. */
export const retryDelay = (failures: number): Millis =>
  delays[Math.min(failures, delays.length - 1)] ?? millis(0);
