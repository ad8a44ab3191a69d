/** New names for lines of record numbers. */
import { type Epoch, epoch } from '../core/model/ids.ts';

/** A UUIDv7 (RFC 9562): begins with the time, so that epochs sort as they came about. */
export const newEpoch = (): Epoch => epoch(Bun.randomUUIDv7());
