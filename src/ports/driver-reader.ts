/** Reads the kernel driver of a link, which rtnetlink does not report. */
export interface DriverReader {
  /** `ETHTOOL_GDRVINFO`; null if the link has none or is gone. Short and synchronous. */
  linkDriver(name: string): string | null;
}
