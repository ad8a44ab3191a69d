/**
 * The condition of a filter: comparisons of the event's subject, joined by `&&`, `||`, `!` and parentheses.
 *
 *     or         = and { "||" and }
 *     and        = unary { "&&" unary }
 *     unary      = "!" unary | "(" or ")" | comparison
 *     comparison = operand [ ("==" | "!=" | ">=" | "<=" | ">" | "<") operand ]
 *     operand    = field | number | "string" | 'string' | true | false
 */

import { nearest } from '../model/nearest.ts';
import type { Comparison, Condition, ConditionField, Operand } from './condition.ts';
import { type Token, tokenize } from './condition-tokens.ts';

export interface ConditionProblem {
  /** Both from 1, within the condition's own text. */
  readonly line: number;
  readonly column: number;
  /** In UTF-16 units from the start of the condition. */
  readonly offset: number;
  /** The text that stands there; '' at the end. */
  readonly found: string;
  readonly expected: string;
  readonly suggestion?: string;
  /** `1:15: expected a number after ">="`. */
  readonly message: string;
}

export type ConditionResult =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly problem: ConditionProblem };

type ValueType = 'number' | 'string' | 'boolean';

const fieldTypes: Readonly<Record<ConditionField, ValueType>> = {
  has_gateway: 'boolean',
  dns_count: 'number',
  address_count: 'number',
  mtu: 'number',
  interface: 'string',
  state: 'string',
};
const typeNames: Readonly<Record<ValueType, string>> = {
  number: 'a number',
  string: 'a name in quotes',
  boolean: 'true or false',
};

/** The fields that a condition may name. */
const conditionFields: readonly ConditionField[] = Object.keys(fieldTypes) as ConditionField[];

/** Characters of the longest condition, and how deep its parentheses and negations may go. */
const maxConditionLength = 1000;
const maxDepth = 50;

/** Parses and type-checks `text`; never throws. The first mistake is the one reported. */
export function parseCondition(text: string): ConditionResult {
  const parser = new ConditionParser(text);
  const condition = parser.parse();
  return condition === undefined ? { ok: false, problem: parser.problem() } : { ok: true, condition };
}

const isComparison = (text: string): text is Comparison => /^([=!><]=|[><])$/.test(text);
const isField = (word: string): word is ConditionField => Object.hasOwn(fieldTypes, word);
const typeOf = (operand: Operand): ValueType =>
  operand.kind === 'field' ? fieldTypes[operand.field] : (typeof operand.value as ValueType);

/** Recursive descent. A method that returns undefined has left the mistake in `failure`. */
class ConditionParser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #failure: { token: Token; expected: string; suggestion?: string } | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text.slice(0, maxConditionLength));
  }

  parse(): Condition | undefined {
    if (this.#text.length > maxConditionLength) {
      const rest: Token = { kind: 'bad', text: '', offset: maxConditionLength };
      return this.#fail(rest, `at most ${maxConditionLength} characters`);
    }
    const condition = this.#parseOr();
    if (condition === undefined || this.#peek().kind === 'end') return condition;
    return this.#fail(this.#peek(), 'the end, "&&" or "||"', joinerFor(this.#peek()));
  }

  problem(): ConditionProblem {
    const { token, expected, suggestion } = this.#failure ?? { token: this.#peek(), expected: 'a condition' };
    const before = this.#text.slice(0, token.offset).split('\n');
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    const message = `${line}:${column}: expected ${expected}`;
    const found = token.kind === 'string' ? JSON.stringify(token.text) : token.text;
    const problem = { line, column, offset: token.offset, found, expected, message };
    return suggestion === undefined ? problem : { ...problem, suggestion };
  }

  #parseOr(): Condition | undefined {
    return this.#parseChain('or', '||', () => this.#parseChain('and', '&&', () => this.#parseUnary()));
  }

  #parseChain(
    kind: 'or' | 'and',
    operator: string,
    parseTerm: () => Condition | undefined,
  ): Condition | undefined {
    let left = parseTerm();
    while (left !== undefined && this.#takes(operator)) {
      const right = parseTerm();
      left = right === undefined ? undefined : { kind, left, right };
    }
    return left;
  }

  #parseUnary(): Condition | undefined {
    if (this.#depth >= maxDepth) return this.#fail(this.#peek(), `at most ${maxDepth} levels of parentheses`);
    this.#depth++;
    const condition = this.#parseNested();
    this.#depth--;
    return condition;
  }

  #parseNested(): Condition | undefined {
    if (this.#takes('!')) {
      const operand = this.#parseUnary();
      return operand === undefined ? undefined : { kind: 'not', operand };
    }
    if (!this.#takes('(')) return this.#parseComparison();
    const inner = this.#parseOr();
    if (inner === undefined || this.#takes(')')) return inner;
    return this.#fail(this.#peek(), '")", "&&" or "||"', joinerFor(this.#peek()));
  }

  #parseComparison(): Condition | undefined {
    const first = this.#peek();
    const left = this.#parseOperand(`a field (${conditionFields.join(', ')})`);
    if (left === undefined) return undefined;
    const operator = this.#peek();
    if (operator.kind !== 'operator' || !isComparison(operator.text)) {
      if (typeOf(left) === 'boolean') return { kind: 'truth', operand: left };
      return this.#fail(operator, `a comparison after ${quoted(first)}`);
    }
    const type = typeOf(left);
    if (type !== 'number' && operator.text !== '==' && operator.text !== '!=') {
      return this.#fail(operator, `"==" or "!=" after ${quoted(first)}`);
    }
    this.#at++;
    return this.#parseRight(left, operator.text, type);
  }

  #parseRight(left: Operand, operator: Comparison, type: ValueType): Condition | undefined {
    const token = this.#peek();
    const expected = `${typeNames[type]} after "${operator}"`;
    const right = this.#parseOperand(expected);
    if (right === undefined) return undefined;
    if (typeOf(right) !== type) return this.#fail(token, expected);
    const next = this.#peek();
    if (next.kind === 'operator' && isComparison(next.text)) {
      return this.#fail(next, '"&&" or "||" between two comparisons');
    }
    return { kind: 'compare', operator, left, right };
  }

  #parseOperand(expected: string): Operand | undefined {
    const token = this.#peek();
    if (token.kind === 'bad') return this.#fail(token, token.expected ?? expected);
    if (token.kind === 'operator' || token.kind === 'end') return this.#fail(token, expected);
    if (token.kind === 'word' && !isField(token.text) && token.text !== 'true' && token.text !== 'false') {
      const meant = nearest(token.text, conditionFields);
      const wantsName = expected.startsWith(typeNames.string);
      return this.#fail(token, expected, wantsName ? JSON.stringify(token.text) : meant);
    }
    this.#at++;
    return operandOf(token);
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', offset: this.#text.length };
  }

  #takes(operator: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'operator' || token.text !== operator) return false;
    this.#at++;
    return true;
  }

  /** A token that is none at all explains itself better than what the grammar wanted in its place. */
  #fail(token: Token, wanted: string, suggestion?: string): undefined {
    const expected = token.expected ?? wanted;
    this.#failure = suggestion === undefined ? { token, expected } : { token, expected, suggestion };
    return undefined;
  }
}

function operandOf(token: Token): Operand {
  if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
  if (token.kind === 'string') return { kind: 'literal', value: token.text };
  if (isField(token.text)) return { kind: 'field', field: token.text };
  return { kind: 'literal', value: token.text === 'true' };
}

const quoted = (token: Token): string => JSON.stringify(token.text);

const joinerFor = (token: Token): string | undefined =>
  token.text === 'and' ? '&&' : token.text === 'or' ? '||' : undefined;
