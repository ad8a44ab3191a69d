/** What a program guarantees to its scripts, and how a wrapper provides it from the input of a hook. */

/** A variable that scripts of the old program may read. */
export interface Variable {
  /** Its name, or the prefix of a family of names, with `*`: `IF_*`. */
  readonly name: string;
  /** sh(1) that sets and exports it. Absent: it is not available. */
  readonly lines?: readonly string[];
  /** Functions of sh(1) that the lines call; each is written once. */
  readonly needs?: readonly ShellFunction[];
  /** Set only in wrappers of scripts that mention it, because it costs a process. */
  readonly costly?: true;
  /** If it is not available: why, and what to use instead. Otherwise: what is different. */
  readonly note?: string;
}

/** A key of the old program's JSON that netevd does not have under that name. */
export interface JsonKey {
  readonly key: string;
  /** The key with the same value; absent if there is none. */
  readonly now?: string;
}

/** One hook for a script. */
export interface HookTarget {
  /** Name of a hook directory, without `.d`. */
  readonly directory: string;
  /** sh(1) that ends the wrapper with `exit 0` if the old program would not have run the script. */
  readonly guard?: readonly string[];
  /** sh(1) of this target only: sets the reason why the script runs. */
  readonly lines?: readonly string[];
  /** Words of sh(1): the arguments of the script. */
  readonly arguments?: readonly string[];
  /** What is different about when it runs. */
  readonly note?: string;
}

/** Everything that the scripts of one program may expect. */
export interface Contract {
  readonly variables: readonly Variable[];
  readonly jsonKeys: readonly JsonKey[];
}

/** The lines of one definition. */
export type ShellFunction = readonly string[];

/** Returns the rule about a variable, by its name or its family. */
export function variableOf({ variables }: Contract, name: string): Variable | undefined {
  return (
    variables.find((variable) => variable.name === name) ??
    variables.find((variable) => variable.name.endsWith('*') && name.startsWith(variable.name.slice(0, -1)))
  );
}
