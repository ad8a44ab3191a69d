/** The first line of a script, as execve(2) reads it (fs/binfmt_script.c). */

/** `BINPRM_BUF_SIZE` of linux/binfmts.h: the bytes of the file that the kernel reads. */
export const shebangBytes = 256;

export type Shebang =
  /** Not a script; the kernel decides whether it can execute it. */
  | { readonly kind: 'binary' }
  | { readonly kind: 'empty' }
  /** Text without `#!`: the kernel cannot execute it, and netevd does not start a shell for it. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'script';
      readonly interpreter: string;
      readonly argument?: string;
      readonly crlf: boolean;
    };

/** Parses `head`, the beginning of the file, with one character per byte. */
export function parseShebang(head: string): Shebang {
  if (head === '') return { kind: 'empty' };
  if (!head.startsWith('#!')) return isText(head) ? { kind: 'none' } : { kind: 'binary' };
  const line = head.slice(2, shebangBytes).split('\n', 1)[0] ?? '';
  const crlf = line.endsWith('\r');
  const [, interpreter = '', argument = ''] = /^[ \t]*([^ \t]*)[ \t]*(.*?)[ \t\r]*$/s.exec(line) ?? [];
  const script = { kind: 'script', interpreter: interpreter.replace(/\r$/, ''), crlf } as const;
  return argument === '' ? script : { ...script, argument };
}

/** Why a script cannot run. `text` is a phrase after the name of the script. */
export interface ShebangProblem {
  readonly code:
    | 'empty'
    | 'no-shebang'
    | 'crlf'
    | 'no-interpreter'
    | 'interpreter-missing'
    | 'program-missing';
  readonly text: string;
}

const fixedProblems = {
  empty: 'is empty',
  'no-shebang':
    'has no #! in its first line: the kernel cannot run it, and netevd does not start a shell for it',
  crlf: 'has Windows line ends (CR LF): the kernel looks for an interpreter whose name ends in CR',
  'no-interpreter': 'has a #! without an interpreter',
} as const;

const fixedProblem = (code: keyof typeof fixedProblems): ShebangProblem => ({
  code,
  text: fixedProblems[code],
});

/** Returns why the script cannot run; undefined if no problem is visible. */
export function shebangProblem(
  shebang: Shebang,
  isExecutable: (program: string) => boolean,
): ShebangProblem | undefined {
  switch (shebang.kind) {
    case 'binary':
      return undefined;
    case 'empty':
      return fixedProblem('empty');
    case 'none':
      return fixedProblem('no-shebang');
    case 'script':
      return interpreterProblem(shebang, isExecutable);
  }
}

function interpreterProblem(
  { interpreter, argument, crlf }: Shebang & { readonly kind: 'script' },
  isExecutable: (program: string) => boolean,
): ShebangProblem | undefined {
  if (crlf) return fixedProblem('crlf');
  if (interpreter === '') return fixedProblem('no-interpreter');
  if (!isExecutable(interpreter)) {
    return { code: 'interpreter-missing', text: `needs ${interpreter}, which is missing or not executable` };
  }
  const program = argument?.split(/[ \t]+/).find((word) => !word.startsWith('-') && !word.includes('='));
  const usesPath = /(^|\/)env$/.test(interpreter) && program !== undefined;
  if (!usesPath || isExecutable(program)) return undefined;
  return { code: 'program-missing', text: `needs ${program}, which is not in the PATH of hooks` };
}

/** Whether `head` has no control characters except white space. */
function isText(head: string): boolean {
  for (let i = 0; i < head.length; i++) {
    const code = head.charCodeAt(i);
    if (code < 9 || (code > 13 && code < 32)) return false;
  }
  return true;
}
