/**
 * Leases that dhclient is about to write. dhclient first runs its script, which sets the address, and writes
 * the lease after the script has ended (bind_lease, client/dhclient.c). On a machine with lease files, an
 * address with a limited lifetime therefore announces a lease.
 */
import type { IpAddress } from '../../core/model/address.ts';
import { after, type Instant, type Millis, millis } from '../../core/model/ids.ts';
import type { AddressObject } from '../../core/model/kernel-objects.ts';

/** How long a lease is awaited after its address appeared: dhclient's script may take a while. */
const leaseTimeout: Millis = millis(1500);

/** A lifetime in seconds: forever. */
const unlimited = 0xffffffff;

/**
 * Whether a DHCP client may have set the address. Addresses that the kernel makes from router advertisements
 * (SLAAC) also have a limited lifetime; they have 64-bit prefixes.
 */
export const isLeased = ({ family, prefixLength, validLifetime }: AddressObject): boolean =>
  validLifetime !== unlimited && (family === 4 || prefixLength === 128);

/** Addresses whose leases are expected soon, each until its timeout. */
export class AwaitedLeases {
  readonly #until = new Map<IpAddress, Instant>();

  /** Returns true if the address was not awaited before. */
  add(address: IpAddress, now: Instant): boolean {
    const isNew = !this.#until.has(address);
    this.#until.set(address, after(now, leaseTimeout));
    return isNew;
  }

  /** Returns true if the address was awaited. */
  delete(address: IpAddress): boolean {
    return this.#until.delete(address);
  }

  /** The addresses still awaited at `now`. */
  at(now: Instant): readonly IpAddress[] {
    for (const [address, until] of this.#until) if (until <= now) this.#until.delete(address);
    return [...this.#until.keys()];
  }

  /** When the first timeout ends; undefined where no address is awaited. */
  get nextAt(): Instant | undefined {
    const [first] = [...this.#until.values()].toSorted((a, b) => a - b);
    return first;
  }
}
