/** The scripts of the two documents that describe netevd, as they stand there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SeedScript {
  /** `S0` or `S1`. */
  readonly document: string;
  /** `routable.d/01-notify.sh` */
  readonly place: string;
  /** The heading or phrase before it, where two have the same place. */
  readonly about: string;
  readonly text: string;
}

const read = (document: string): string =>
  readFileSync(join(import.meta.dir, `../fixtures/seeds/${document}.md`), 'utf8');

/** Every script that is to be put below /etc/netevd. */
export function seedScripts(): SeedScript[] {
  return [...fencedScripts('S0', read('S0')), ...heredocScripts('S1', read('S1'))];
}

/** Every filter that the documents hand to jq. */
export function seedJqFilters(): string[] {
  return [...read('S0').matchAll(/jq -r '([^']+)'/g)].map(([, filter = '']) => filter);
}

/** A block that begins with `#!`, and the last path below /etc/netevd that was named before it. */
function fencedScripts(document: string, text: string): SeedScript[] {
  const found: SeedScript[] = [];
  for (const { index, 1: script = '' } of text.matchAll(/^```bash\n(#![\s\S]*?)^```$/gm)) {
    const before = text.slice(0, index);
    const place = [...before.matchAll(/`\/etc\/netevd\/([a-z-]+\.d\/[^`]+)`/g)].at(-1)?.[1];
    const about = [...before.matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? '';
    if (place !== undefined) found.push({ document, place, about, text: script });
  }
  return found;
}

/** `cat <<'EOF' | sudo tee PATH …` */
function heredocScripts(document: string, text: string): SeedScript[] {
  const heredoc = /^cat <<'EOF' \| sudo tee \/etc\/netevd\/(\S+) [^\n]*\n([\s\S]*?)^EOF$/gm;
  return [...text.matchAll(heredoc)].map(([, place = '', script = '']) => ({
    document,
    place,
    about: '',
    text: script,
  }));
}
