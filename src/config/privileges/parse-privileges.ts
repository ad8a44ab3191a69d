/** Text of a privileges file → what root grants to one hook, or every problem. No I/O. */
import * as z from 'zod/mini';
import { capabilityNames, type HookPrivileges } from '../../core/hooks/privileges.ts';
import { millis } from '../../core/model/ids.ts';
import { seconds, user } from '../schema/values.ts';
import { decodeText } from '../text.ts';
import { parseYamlTree } from '../yaml/parse-tree.ts';
import { toPlain } from '../yaml/tree-lookup.ts';

export type ParsedPrivileges =
  | { readonly ok: true; readonly privileges: HookPrivileges }
  /** One sentence each. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** Bytes of the largest file that is read. */
export const maxPrivilegesSize: number = 16 * 1024;

/** The service manager splits the list at white space and knows `%` and quotes: none of them may be in a path. */
const safePath = /^(?!.*\/\.\.?(?:\/|$))\/[A-Za-z0-9._/@:+,=-]{1,1023}$/;
const pathExpected = 'an absolute path of letters, digits and . _ / @ : + , = -, without ".."';
const capabilityExpected = 'capabilities as in capabilities(7), such as CAP_NET_ADMIN';
const sandboxExpected = 'strict or none';

const schema = z
  .strictObject(
    {
      user: z.optional(user()),
      capabilities: z._default(
        z.array(z.enum(capabilityNames, capabilityExpected), 'a list of capabilities'),
        [],
      ),
      writable: z._default(
        z.array(z.string(pathExpected).check(z.regex(safePath, pathExpected)), 'a list of paths'),
        [],
      ),
      timeout_sec: z.optional(seconds('a number of seconds', 86_400)),
      sandbox: z._default(z.enum(['strict', 'none'], sandboxExpected), 'strict'),
    },
    'a map of the keys user, capabilities, writable, timeout_sec, sandbox',
  )
  .check(
    z.refine(({ sandbox, writable }) => sandbox === 'strict' || writable.length === 0, {
      message: 'no writable paths with "sandbox: none", which hides nothing',
      when: ({ issues }) => issues.length === 0,
    }),
  );

/** Never throws. An empty file grants nothing: the hook runs as `system.user`, in a sandbox of its own. */
export function parsePrivileges(bytes: Uint8Array, file: string): ParsedPrivileges {
  const decoded = decodeText(bytes, file);
  if (!decoded.ok) return refuse(decoded.problems.map(({ message }) => message));
  const { root, problems } = parseYamlTree(decoded.text, file);
  if (root === undefined || problems.length > 0) {
    return refuse(problems.map(({ line, message }) => `line ${line}: ${message}`));
  }
  const plain = root.kind === 'scalar' && root.value === null ? {} : toPlain(root);
  const checked = z.safeParse(schema, plain);
  if (!checked.success) return refuse(checked.error.issues.map(sentenceOf));
  const { capabilities, writable, timeout_sec, sandbox } = checked.data;
  return {
    ok: true,
    privileges: {
      user: checked.data.user,
      capabilities: [...new Set(capabilities)],
      writable,
      timeout: timeout_sec === undefined ? undefined : millis(Math.round(timeout_sec * 1000)),
      sandbox,
    },
  };
}

const refuse = (problems: readonly string[]): ParsedPrivileges => ({ ok: false, problems });

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `there is no key ${issue.keys.join(', ')}`;
  const path = issue.path.map(String).join('.');
  return path === '' ? `expected ${issue.message}` : `${path}: expected ${issue.message}`;
}
