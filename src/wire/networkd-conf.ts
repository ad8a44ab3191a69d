/** Parses networkd.conf(5): the settings about rules and routes that systemd-networkd did not add. */

/** A key is absent if the file does not set it. */
export interface ForeignManagement {
  /**
   * `ManageForeignRoutingPolicyRules=`: networkd deletes rules of other programs when it configures a link.
   */
  readonly rules?: boolean;
  /** `ManageForeignRoutes=`: networkd deletes routes of other programs on that link. */
  readonly routes?: boolean;
  /** `ManageForeignNextHops=`. */
  readonly nextHops?: boolean;
}

const keys: ReadonlyMap<string, keyof ForeignManagement> = new Map([
  ['ManageForeignRoutingPolicyRules', 'rules'],
  ['ManageForeignRoutes', 'routes'],
  ['ManageForeignNextHops', 'nextHops'],
]);

/** parse_boolean of systemd. */
const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['1', 'yes', 'y', 'true', 't', 'on'].map((word) => [word, true] as const),
  ...['0', 'no', 'n', 'false', 'f', 'off'].map((word) => [word, false] as const),
]);

/**
 * Parses one file in the syntax of systemd.syntax(7): sections, comments with `#` or `;`, continuation lines
 * with a backslash. The last assignment counts. Ignores values that are not booleans, like systemd. Never
 * fails.
 */
export function parseNetworkdConf(text: string): ForeignManagement {
  const found: { -readonly [Key in keyof ForeignManagement]: boolean } = {};
  let section = '';
  for (const line of logicalLines(text)) {
    const heading = /^\[([^\]]*)\]$/.exec(line);
    if (heading !== null) {
      section = heading[1] ?? '';
      continue;
    }
    const [, name = '', value = ''] = /^([^=]+?)\s*=\s*(.*)$/.exec(line) ?? [];
    const key = section === 'Network' ? keys.get(name) : undefined;
    const setting = booleans.get(value.toLowerCase());
    if (key !== undefined && setting !== undefined) found[key] = setting;
  }
  return found;
}

/** Returns lines without comments and surrounding blanks; joins continuation lines with a blank. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let open: string | undefined;
  for (const physical of text.split('\n')) {
    const line = physical.trim();
    if (line.startsWith('#') || line.startsWith(';')) continue;
    const joined: string = open === undefined ? line : `${open} ${line}`;
    open = line.endsWith('\\') ? joined.slice(0, -1).trimEnd() : undefined;
    if (open === undefined && joined !== '') lines.push(joined);
  }
  if (open !== undefined && open !== '') lines.push(open);
  return lines;
}
