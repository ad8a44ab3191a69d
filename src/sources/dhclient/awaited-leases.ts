/**
 * Leases that are about to be written down. dhclient runs its script first, which sets the address, and writes the lease
 * when that has ended (bind_lease, client/dhclient.c): an address of limited life on a machine that has lease files
 * announces one.
 */
import type { IpAddress } from '../../core/model/address.ts';
import { after, type Instant, type Millis, millis } from '../../core/model/ids.ts';
import type { AddressObject } from '../../core/model/kernel-objects.ts';

/** How long after its address a lease is waited for: the script may have much to do. */
const patience: Millis = millis(1500);

/** Seconds: for ever. */
const unlimited = 0xffffffff;

/** Addresses that the kernel itself makes from a router's word live as long as that lasts, with prefixes of 64 bits. */
export const isLeased = ({ family, prefixLength, validLifetime }: AddressObject): boolean =>
  validLifetime !== unlimited && (family === 4 || prefixLength === 128);

/** Addresses that leases will tell of soon, each for as long as that may take. */
export class AwaitedLeases {
  readonly #until = new Map<IpAddress, Instant>();

  /** Whether the address was not awaited before. */
  add(address: IpAddress, now: Instant): boolean {
    const isNew = !this.#until.has(address);
    this.#until.set(address, after(now, patience));
    return isNew;
  }

  /** Whether it was awaited. */
  delete(address: IpAddress): boolean {
    return this.#until.delete(address);
  }

  /** Those that are still awaited. */
  at(now: Instant): readonly IpAddress[] {
    for (const [address, until] of this.#until) if (until <= now) this.#until.delete(address);
    return [...this.#until.keys()];
  }

  /** When the first of them is given up. */
  get nextAt(): Instant | undefined {
    const [first] = [...this.#until.values()].toSorted((a, b) => a - b);
    return first;
  }
}
