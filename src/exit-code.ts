/** How a command ends. Scripts depend on these numbers. */
export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  /** EX_SOFTWARE of sysexits.h: a bug of netevd. The unit starts the daemon again. */
  bug: 70,
  /** EX_CONFIG of sysexits.h. */
  config: 78,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
