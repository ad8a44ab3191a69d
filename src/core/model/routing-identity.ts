/** Numbers that identify netevd's own rules and routes after a crash, a rename or an index reuse. */

/**
 * `FRA_PROTOCOL` and `RTA_PROTOCOL` of every rule and route that netevd adds. Free in iproute2's rt_protos,
 * and no known routing daemon uses it (docs/policy-routing.md lists them). `ip rule` shows the name from
 * packaging/iproute2/rt_protos.d/netevd.conf; a test compares the two.
 */
export const NETEVD_PROTOCOL = 157;

/** The number of rule priorities that netevd owns, starting at `routing.rule_priority`. */
export const RULE_BAND = 1000;

/**
 * Further tables of a link, for addresses whose gateway is not the first one: the table of the link plus this, plus
 * twice this, and so on.
 */
export const FURTHER_TABLE_STEP = 10_000_000;
/** The number of further tables that a link may have. */
export const FURTHER_TABLES = 8;

/** Added to a derived table id until the result is usable. */
export const RELOCATION_STEP = 1_000_000;
