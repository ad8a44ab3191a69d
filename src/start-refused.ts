/** A reason not to start, said to the operator as it stands, with the remedy. */
export class StartRefused extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
