/** The kernel driver behind a link, which rtnetlink does not tell. */
export interface DriverReader {
  /** `ETHTOOL_GDRVINFO`; null where the link has none or is gone. Short and synchronous. */
  linkDriver(name: string): string | null;
}
