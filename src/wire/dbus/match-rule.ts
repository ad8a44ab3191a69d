/** Match rules: which signals the bus sends to netevd (D-Bus Specification, "Match Rules"). */

export interface MatchRule {
  /** Unique or well-known; the bus follows the owner of a well-known one. */
  readonly sender: string;
  readonly interface: string;
  readonly member: string;
  /** This object only. */
  readonly path?: string;
  /** This object and those below it. */
  readonly pathNamespace?: string;
  readonly arg0?: string;
}

/** Encodes a rule for AddMatch and RemoveMatch. */
export function encodeMatchRule(rule: MatchRule): string {
  const keys: readonly (readonly [string, string | undefined])[] = [
    ['type', 'signal'],
    ['sender', rule.sender],
    ['interface', rule.interface],
    ['member', rule.member],
    ['path', rule.path],
    ['path_namespace', rule.pathNamespace],
    ['arg0', rule.arg0],
  ];
  return keys
    .filter(([, value]) => value !== undefined)
    .map(([key, value = '']) => `${key}='${value.replaceAll("'", "'\\''")}'`)
    .join(',');
}

/** Whether `path` is `namespace` or below it. */
export const isWithin = (path: string, namespace: string): boolean =>
  namespace === '/' || path === namespace || path.startsWith(`${namespace}/`);
