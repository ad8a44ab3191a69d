/** The alert rules as they are shipped. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const rulesFile: string = join(import.meta.dir, '../../packaging/prometheus/netevd.rules.yml');

export const rulesText = (): string => readFileSync(rulesFile, 'utf8');

/** The rules, firing as soon as their expressions are true. */
export const impatientRules = (): string => rulesText().replaceAll(/^ +for: .*\n/gm, '');

export interface Alert {
  readonly name: string;
  readonly expr: string;
  readonly severity: string | undefined;
  readonly summary: string | undefined;
  readonly description: string | undefined;
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: { readonly summary?: string; readonly description?: string };
}

/** One entry for each alert. */
export function alerts(): Alert[] {
  const { groups } = parse(rulesText()) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  };
  return groups.flatMap(({ rules }) =>
    rules.map(({ alert, expr, labels, annotations }) => ({
      name: alert,
      expr,
      severity: labels?.severity,
      summary: annotations?.summary,
      description: annotations?.description,
    })),
  );
}
