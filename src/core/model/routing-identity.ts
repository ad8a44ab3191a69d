/** The marks by which netevd knows its own rules and routes again: after a crash, a rename, an index reuse. */

/**
 * `FRA_PROTOCOL` and `RTA_PROTOCOL` of everything that netevd makes. Free in iproute2's rt_protos, and used by no
 * routing daemon that is known (docs/policy-routing.md lists them). The name for `ip rule` comes from
 * packaging/iproute2/rt_protos.d/netevd.conf, and a test keeps the two equal.
 */
export const NETEVD_PROTOCOL = 157;

/** How many rule priorities netevd owns, from `routing.rule_priority` on. */
export const RULE_BAND = 1000;

/** Added to a derived table id that cannot be used, until one comes out that can. */
export const RELOCATION_STEP = 1_000_000;
