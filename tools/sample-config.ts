/** The sample configuration: every key with its default, and its documentation as a comment. */
import { stringify } from 'yaml';
import { jsonSchema, schemaAt } from '../src/config/schema/json-schema.ts';
import { type AnyEntries, describeKey, type Key } from '../src/config/schema/key.ts';
import { configKeys } from '../src/config/schema/keys.ts';

const width = 119;

const head = `# yaml-language-server: $schema=/usr/share/netevd/netevd.schema.json
#
# netevd, the network event daemon: /etc/netevd/netevd.yaml
#
# This file has every key with its default, so that it changes nothing as it is. A key or section that is left out has its
# default. Check it with \`netevd validate\`, apply it with \`systemctl reload netevd\`. Reference: docs/configuration.md.
`;

const filterExample = `# filters:
#   - match_rule:
#       interface_pattern: wg*
#       event_type: routable
#       condition: has_gateway && dns_count > 0
#     action: execute
#     scripts: [10-vpn.sh]            # the only files that run
#   - match_rule:
#       interface_pattern: docker*
#     action: ignore
`;

export function sampleText(): string {
  const sections = Object.values(configKeys as AnyEntries).map((one) => {
    const lines = one.kind === 'group' ? groupLines(one, []) : keyLines(one, []);
    return [rule(one.kind === 'group' ? one.doc : `${one.name}: ${one.doc}`), ...lines].join('\n');
  });
  return `${[head.trimEnd(), ...sections].join('\n\n')}\n${filterExample}`;
}

/** A line that separates sections. */
function rule(text: string): string {
  const start = `# --- ${text.replace(/\.$/, '')} `;
  return start + '-'.repeat(Math.max(3, width - start.length));
}

function groupLines(
  { name, keys }: AnyEntries[string] & { kind: 'group' },
  above: readonly string[],
): string[] {
  const path = [...above, name];
  const lines = Object.values(keys as AnyEntries).flatMap((one) =>
    one.kind === 'group' ? groupLines(one, path) : [...commentLines(one, path), ...keyLines(one, path)],
  );
  return lines.length === 0 ? [`${indent(above)}${name}: {}`] : [`${indent(above)}${name}:`, ...lines];
}

function commentLines(key: Key<unknown>, above: readonly string[]): string[] {
  const choices = schemaAt(jsonSchema(), [...above, key.name])?.enum ?? [];
  const doc = describeKey(key);
  const isListed = choices.every((choice) => doc.includes(String(choice)));
  return wrap(isListed ? doc : `${doc} One of ${choices.join(', ')}.`, `${indent(above)}# `);
}

function keyLines(
  { name, default: standard, example = '' }: Key<unknown>,
  above: readonly string[],
): string[] {
  if (standard === undefined) return [`${indent(above)}# ${name}: ${example}`];
  const flow = Array.isArray(standard) && standard.length === 0;
  const text = stringify({ [name]: standard }, { collectionStyle: flow ? 'flow' : 'any', lineWidth: 0 });
  const lines = flow ? [`${name}: []`] : text.trimEnd().split('\n');
  return lines.map((line) => indent(above) + line);
}

const indent = (above: readonly string[]): string => '  '.repeat(above.length);

function wrap(text: string, prefix: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || prefix.length + last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => prefix + line);
}
