/**
 * Parses the statements of dhclient.leases(5): words up to a semicolon, or words and a block of statements in
 * braces.
 */
import { type LeaseProblem, type LeaseProblemCode, leaseProblem } from './problem.ts';
import { type LeaseToken, tokenize } from './tokens.ts';

export interface Statement {
  /** Words, strings and commas; never empty. */
  readonly words: readonly LeaseToken[];
  readonly block?: readonly Statement[];
  readonly line: number;
}

export interface Statements {
  readonly statements: readonly Statement[];
  readonly problems: readonly LeaseProblem[];
  /** The text ends within a statement. */
  readonly incomplete: boolean;
}

/** Maximum nesting of blocks. Deeper blocks are dropped: no lease has them. */
const maxDepth = 16;

interface OpenBlock {
  readonly words: readonly LeaseToken[];
  readonly statements: Statement[];
  readonly line: number;
}

/** Parses statements. Keeps those before a problem and continues after it. */
export function parseStatements(text: string): Statements {
  const { tokens, broken, cutOff } = tokenize(text);
  const builder = new StatementBuilder();
  for (const token of tokens) builder.push(token);
  for (const { line, atEnd } of broken) if (!atEnd) builder.report(line, 'unclosed-string');
  return builder.finish(cutOff);
}

class StatementBuilder {
  readonly #top: Statement[] = [];
  readonly #problems: LeaseProblem[] = [];
  #open: OpenBlock[] = [];
  #words: LeaseToken[] = [];
  /** Number of open blocks that are too deep. */
  #skipped = 0;

  push(token: LeaseToken): void {
    switch (token.kind) {
      case 'semicolon':
        this.#end();
        break;
      case 'open':
        this.#enter(token);
        break;
      case 'close':
        this.#leave(token);
        break;
      default:
        this.#words.push(token);
    }
  }

  report(line: number, code: LeaseProblemCode): void {
    this.#problems.push(leaseProblem(line, code));
  }

  finish(cutOff: boolean): Statements {
    const incomplete = cutOff || this.#open.length > 0 || this.#words.length > 0;
    return { statements: this.#top, problems: this.#problems, incomplete };
  }

  #end(): void {
    const [first] = this.#words;
    if (first !== undefined && this.#skipped === 0) this.#add({ words: this.#words, line: first.line });
    this.#words = [];
  }

  #enter(token: LeaseToken): void {
    if (startsLease(this.#words)) this.#restart();
    const words = this.#words;
    this.#words = [];
    if (words.length === 0) this.report(token.line, 'unnamed-block');
    if (this.#open.length >= maxDepth || this.#skipped > 0) this.#skipped++;
    else this.#open.push({ words, statements: [], line: words[0]?.line ?? token.line });
  }

  /**
   * Starts a lease within another one, or after stray words: the writer was interrupted and continued here.
   * Without this, one truncated lease would swallow all later ones.
   */
  #restart(): void {
    const lease = this.#words.pop();
    const unfinished = this.#open[0]?.line ?? this.#words[0]?.line;
    if (unfinished !== undefined) this.report(unfinished, 'unfinished');
    this.#open = [];
    this.#skipped = 0;
    this.#words = lease === undefined ? [] : [lease];
  }

  #leave(token: LeaseToken): void {
    const [pending] = this.#words;
    if (pending !== undefined) this.report(pending.line, 'missing-semicolon');
    this.#words = [];
    if (this.#skipped > 0) {
      this.#skipped--;
      return;
    }
    const block = this.#open.pop();
    if (block === undefined) this.report(token.line, 'unopened-brace');
    else if (block.words.length > 0)
      this.#add({ words: block.words, block: block.statements, line: block.line });
  }

  #add(statement: Statement): void {
    (this.#open.at(-1)?.statements ?? this.#top).push(statement);
  }
}

function startsLease(words: readonly LeaseToken[]): boolean {
  const last = words.at(-1);
  return last?.kind === 'word' && /^lease6?$/i.test(last.text);
}

/** Returns the first word in lower case: keywords are case-insensitive. */
export const keywordOf = (statement: Statement): string => statement.words[0]?.text.toLowerCase() ?? '';

/** Returns the text of the word or string at `index`. */
export const wordAt = (statement: Statement, index: number): string | undefined => {
  const word = statement.words[index];
  return word === undefined || word.kind === 'comma' ? undefined : word.text;
};
