/** Processor time, for tests that something is cheap: how busy the machine is does not count in it. */

/** User and system time of this process so far, all threads together, in milliseconds. */
export function processorMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
