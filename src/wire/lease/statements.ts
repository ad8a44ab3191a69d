/** Statements of dhclient.leases(5): words up to a semicolon, or words and a block of statements in braces. */
import { type Token, tokenize } from './tokens.ts';

export interface Statement {
  /** Words, strings and commas; never empty. */
  readonly words: readonly Token[];
  readonly block?: readonly Statement[];
  readonly line: number;
}

export interface LeaseProblem {
  /** Counted from 1. */
  readonly line: number;
  readonly problem: string;
}

export interface Statements {
  readonly statements: readonly Statement[];
  readonly problems: readonly LeaseProblem[];
  /** The text ends before its last statement does. */
  readonly incomplete: boolean;
}

/** Deeper nesting is not a lease; past it blocks are dropped. */
const maxDepth = 16;

interface OpenBlock {
  readonly words: readonly Token[];
  readonly statements: Statement[];
  readonly line: number;
}

/** What was read before a mistake is kept, and reading goes on behind it. */
export function parseStatements(text: string): Statements {
  const { tokens, broken, cutOff } = tokenize(text);
  const builder = new StatementBuilder();
  for (const token of tokens) builder.take(token);
  for (const { line, atEnd } of broken)
    if (!atEnd) builder.report(line, 'a string without its closing quote');
  return builder.finish(cutOff);
}

class StatementBuilder {
  readonly #top: Statement[] = [];
  readonly #problems: LeaseProblem[] = [];
  #open: OpenBlock[] = [];
  #words: Token[] = [];
  /** Blocks too deep to keep. */
  #skipped = 0;

  take(token: Token): void {
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

  report(line: number, problem: string): void {
    this.#problems.push({ line, problem });
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

  #enter(token: Token): void {
    if (startsLease(this.#words)) this.#startAnew();
    const words = this.#words;
    this.#words = [];
    if (words.length === 0) this.report(token.line, 'a block without a name');
    if (this.#open.length >= maxDepth || this.#skipped > 0) this.#skipped++;
    else this.#open.push({ words, statements: [], line: words[0]?.line ?? token.line });
  }

  /**
   * A lease within another one, or behind words that do not belong there: the writer was interrupted, and what it
   * wrote next begins here. Without this, one torn lease would swallow all that follow.
   */
  #startAnew(): void {
    const lease = this.#words.pop();
    const torn = this.#open[0]?.line ?? this.#words[0]?.line;
    if (torn !== undefined) this.report(torn, 'a statement that was never finished');
    this.#open = [];
    this.#skipped = 0;
    this.#words = lease === undefined ? [] : [lease];
  }

  #leave(token: Token): void {
    const [pending] = this.#words;
    if (pending !== undefined) this.report(pending.line, 'a statement without its semicolon');
    this.#words = [];
    if (this.#skipped > 0) {
      this.#skipped--;
      return;
    }
    const block = this.#open.pop();
    if (block === undefined) this.report(token.line, 'a closing brace without an opening one');
    else if (block.words.length > 0)
      this.#add({ words: block.words, block: block.statements, line: block.line });
  }

  #add(statement: Statement): void {
    (this.#open.at(-1)?.statements ?? this.#top).push(statement);
  }
}

function startsLease(words: readonly Token[]): boolean {
  const last = words.at(-1);
  return last?.kind === 'word' && /^lease6?$/i.test(last.text);
}

/** The first word, in lower case: keywords are read without regard to case. */
export const keywordOf = (statement: Statement): string => statement.words[0]?.text.toLowerCase() ?? '';

/** The text of the word or string at `index`. */
export const wordAt = (statement: Statement, index: number): string | undefined => {
  const word = statement.words[index];
  return word === undefined || word.kind === 'comma' ? undefined : word.text;
};
