/** What the command line gives to any command and to the daemon. */
/** Options that stand before or after any command. */
export interface GlobalOptions {
  readonly config: string;
  readonly dryRun: boolean;
  readonly verbose: number;
}
