/** The first line of a script, as execve(2) reads it (fs/binfmt_script.c). */

/** `BINPRM_BUF_SIZE` of linux/binfmts.h: bytes of the file that the kernel looks at. */
export const shebangBytes = 256;

export type Shebang =
  /** Anything but a script: the kernel knows what it is, or does not. */
  | { readonly kind: 'binary' }
  | { readonly kind: 'empty' }
  /** Text without `#!`: no shell steps in for it. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'script';
      readonly interpreter: string;
      readonly argument?: string;
      readonly crlf: boolean;
    };

/** `head` is the beginning of the file, one character per byte. */
export function parseShebang(head: string): Shebang {
  if (head === '') return { kind: 'empty' };
  if (!head.startsWith('#!')) return isText(head) ? { kind: 'none' } : { kind: 'binary' };
  const line = head.slice(2, shebangBytes).split('\n', 1)[0] ?? '';
  const crlf = line.endsWith('\r');
  const [, interpreter = '', argument = ''] = /^[ \t]*([^ \t]*)[ \t]*(.*?)[ \t\r]*$/s.exec(line) ?? [];
  const script = { kind: 'script', interpreter: interpreter.replace(/\r$/, ''), crlf } as const;
  return argument === '' ? script : { ...script, argument };
}

/** What will go wrong with the script, as a sentence; undefined where nothing that can be seen. */
export function shebangHint(shebang: Shebang, isThere: (program: string) => boolean): string | undefined {
  switch (shebang.kind) {
    case 'binary':
      return undefined;
    case 'empty':
      return 'is empty: there is nothing to run';
    case 'none':
      return 'has no #! in its first line: the kernel cannot run it, and no shell is asked to';
    case 'script':
      return interpreterHint(shebang, isThere);
  }
}

function interpreterHint(
  { interpreter, argument, crlf }: Shebang & { readonly kind: 'script' },
  isThere: (program: string) => boolean,
): string | undefined {
  if (crlf) return 'has Windows line ends (CR LF): the kernel looks for an interpreter whose name ends in CR';
  if (interpreter === '') return 'has a #! without an interpreter';
  if (!isThere(interpreter)) return `needs ${interpreter}, which is not there or cannot be executed`;
  const program = argument?.split(/[ \t]+/).find((word) => !word.startsWith('-') && !word.includes('='));
  const looksUp = /(^|\/)env$/.test(interpreter) && program !== undefined;
  if (!looksUp || isThere(program)) return undefined;
  return `needs ${program}, which is not in the PATH of hooks`;
}

/** No control characters but white space. */
function isText(head: string): boolean {
  for (let i = 0; i < head.length; i++) {
    const code = head.charCodeAt(i);
    if (code < 9 || (code > 13 && code < 32)) return false;
  }
  return true;
}
