/** Environment variables by which the runtime, and not netevd, would do something else. */

/**
 * `BUN_OPTIONS` and `BUN_INSPECT` run code, `BUN_BYTECODE_ORDER_OUT` overwrites files, `JSC_SIGNAL_FOR_GC` ends the process,
 * `MIMALLOC_SHOW_STATS` prints. There are hundreds, and each version has others, so all of them are refused.
 */
const runtimeVariable = /^(BUN|JSC|MIMALLOC|MI)_/;
/** Where Bun itself is installed: its installer exports it in every shell of a developer, and it does nothing here. */
const harmless = /^BUN_INSTALL(_|$)/;

/**
 * The variables of the environment that must not be set, in their order. This reports a mistake and is no protection: the runtime
 * has read them by now.
 */
export function runtimeSwitches(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env).filter(
    (name) => runtimeVariable.test(name) && !harmless.test(name) && Boolean(env[name]),
  );
}

/** What to tell who has set them. */
export const runtimeSwitchesText = (names: readonly string[]): string =>
  `${names.join(', ')} in the environment ${names.length === 1 ? 'changes' : 'change'} what the runtime does: unset ${names.join(' ')}`;
