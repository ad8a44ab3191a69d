/** Reads the driver of each link once, when the link first appears. */
import type { KernelFact } from '../../core/model/fact.ts';
import type { IfIndex } from '../../core/model/ids.ts';
import type { DriverReader } from '../../ports/driver-reader.ts';

export class KnownDrivers {
  readonly #reader: DriverReader;
  #known = new Set<IfIndex>();

  constructor(reader: DriverReader) {
    this.#reader = reader;
  }

  /** Adds the drivers of new links to the fact. */
  complete(fact: KernelFact): KernelFact {
    switch (fact.kind) {
      case 'linkObserved': {
        const driver = this.#driverOfNew(fact.link.index, fact.link.name);
        return driver === undefined ? fact : { ...fact, driver };
      }
      case 'linkVanished':
        this.#known.delete(fact.index);
        return fact;
      case 'kernelRead':
        return this.#completeRead(fact);
      default:
        return fact;
    }
  }

  #completeRead(fact: KernelFact & { readonly kind: 'kernelRead' }): KernelFact {
    const drivers = new Map<IfIndex, string>();
    for (const { index, name } of fact.snapshot.links) {
      const driver = this.#driverOfNew(index, name);
      if (driver !== undefined) drivers.set(index, driver);
    }
    this.#known = new Set(fact.snapshot.links.map((link) => link.index));
    const meanwhile = fact.meanwhile?.map((notified) => this.complete(notified)) ?? [];
    return { ...fact, snapshot: { ...fact.snapshot, drivers }, meanwhile };
  }

  #driverOfNew(index: IfIndex, name: string): string | undefined {
    if (this.#known.has(index)) return undefined;
    this.#known.add(index);
    return this.#reader.linkDriver(name) ?? undefined;
  }
}
