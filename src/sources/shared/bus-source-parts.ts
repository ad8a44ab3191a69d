/** What a source that follows a network manager on the bus needs. */
import type { Fact } from '../../core/model/fact.ts';
import type { BusConnection } from '../../ports/bus-connection.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';

export interface BusSourceParts {
  readonly bus: BusConnection;
  readonly clock: Clock;
  readonly log: Logger;
  /** Receives facts in the order of the bus. */
  readonly sink: (facts: readonly Fact[]) => void;
}
