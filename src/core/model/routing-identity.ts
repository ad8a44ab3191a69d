/** Numbers that identify netevd's own rules and routes after a crash, a rename or an index reuse. */

/**
 * `FRA_PROTOCOL` and `RTA_PROTOCOL` of every rule and route that netevd adds. Free in iproute2's rt_protos,
 * and no known routing daemon uses it (docs/policy-routing.md lists them). `ip rule` shows the name from
 * packaging/iproute2/rt_protos.d/netevd.conf; a test compares the two.
 */
export const NETEVD_PROTOCOL = 157;

/** The number of rule priorities that netevd owns, starting at `routing.rule_priority`. */
export const RULE_BAND = 1000;

/** Added to a derived table id until the result is usable. */
export const RELOCATION_STEP = 1_000_000;
