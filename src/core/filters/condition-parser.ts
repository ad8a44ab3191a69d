/**
 * Parses the condition of a filter: comparisons of properties of an event, joined by `&&`, `||`, `!` and
 * parentheses.
 *
 *     or         = and { "||" and }
 *     and        = unary { "&&" unary }
 *     unary      = "!" unary | "(" or ")" | comparison
 *     comparison = operand [ ("==" | "!=" | ">=" | "<=" | ">" | "<") operand ]
 *     operand    = field | number | "string" | 'string' | true | false
 */

import { nearest } from '../model/nearest.ts';
import type { ComparisonOperator, Condition, ConditionField, Operand } from './condition.ts';
import { type ConditionToken, tokenize } from './condition-tokens.ts';

/** What the parser expected; `token`: the text is not a token of the grammar. */
export type ConditionProblemCode =
  | 'length'
  | 'depth'
  | 'token'
  | 'field'
  | 'value'
  | 'comparison'
  | 'equality'
  | 'connector'
  | 'end'
  | 'parenthesis';

export interface ConditionProblem {
  readonly code: ConditionProblemCode;
  /** Both start at 1, within the text of the condition. */
  readonly line: number;
  readonly column: number;
  /** In UTF-16 units from the start of the condition. */
  readonly offset: number;
  /** The text at that place; '' at the end. */
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

/** The fields that a condition may use. */
const conditionFields: readonly ConditionField[] = Object.keys(fieldTypes) as ConditionField[];

/** Maximum length in characters, and maximum depth of parentheses and negations. */
const maxConditionLength = 1000;
const maxDepth = 50;

/** Parses and type-checks `text`; never throws. Reports the first problem. */
export function parseCondition(text: string): ConditionResult {
  const parser = new ConditionParser(text);
  const condition = parser.parse();
  return condition === undefined ? { ok: false, problem: parser.problem() } : { ok: true, condition };
}

const isComparison = (text: string): text is ComparisonOperator => /^([=!><]=|[><])$/.test(text);
const isField = (word: string): word is ConditionField => Object.hasOwn(fieldTypes, word);
const typeOf = (operand: Operand): ValueType =>
  operand.kind === 'field' ? fieldTypes[operand.field] : (typeof operand.value as ValueType);

interface ParseFailure {
  readonly token: ConditionToken;
  readonly code: ConditionProblemCode;
  readonly expected: string;
  readonly suggestion?: string;
}

/** A recursive descent parser. A method that returns undefined has set `#failure`. */
class ConditionParser {
  readonly #text: string;
  readonly #tokens: readonly ConditionToken[];
  #at = 0;
  #depth = 0;
  #failure: ParseFailure | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text.slice(0, maxConditionLength));
  }

  parse(): Condition | undefined {
    if (this.#text.length > maxConditionLength) {
      const rest: ConditionToken = { kind: 'invalid', text: '', offset: maxConditionLength };
      return this.#fail(rest, 'length', `at most ${maxConditionLength} characters`);
    }
    const condition = this.#parseOr();
    if (condition === undefined || this.#peek().kind === 'end') return condition;
    return this.#fail(this.#peek(), 'end', 'the end, "&&" or "||"', connectorFor(this.#peek()));
  }

  problem(): ConditionProblem {
    const failure: ParseFailure = this.#failure ?? {
      token: this.#peek(),
      code: 'field',
      expected: 'a condition',
    };
    const { token, code, expected, suggestion } = failure;
    const before = this.#text.slice(0, token.offset).split('\n');
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    const message = `${line}:${column}: expected ${expected}`;
    const found = token.kind === 'string' ? JSON.stringify(token.text) : token.text;
    const problem = { code, line, column, offset: token.offset, found, expected, message };
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
    while (left !== undefined && this.#accept(operator)) {
      const right = parseTerm();
      left = right === undefined ? undefined : { kind, left, right };
    }
    return left;
  }

  #parseUnary(): Condition | undefined {
    if (this.#depth >= maxDepth) {
      return this.#fail(this.#peek(), 'depth', `at most ${maxDepth} levels of parentheses`);
    }
    this.#depth++;
    const condition = this.#parseNested();
    this.#depth--;
    return condition;
  }

  #parseNested(): Condition | undefined {
    if (this.#accept('!')) {
      const operand = this.#parseUnary();
      return operand === undefined ? undefined : { kind: 'not', operand };
    }
    if (!this.#accept('(')) return this.#parseComparison();
    const inner = this.#parseOr();
    if (inner === undefined || this.#accept(')')) return inner;
    return this.#fail(this.#peek(), 'parenthesis', '")", "&&" or "||"', connectorFor(this.#peek()));
  }

  #parseComparison(): Condition | undefined {
    const first = this.#peek();
    const left = this.#parseOperand('field', `a field (${conditionFields.join(', ')})`);
    if (left === undefined) return undefined;
    const operator = this.#peek();
    if (operator.kind !== 'operator' || !isComparison(operator.text)) {
      if (typeOf(left) === 'boolean') return { kind: 'truth', operand: left };
      return this.#fail(operator, 'comparison', `a comparison after ${quoted(first)}`);
    }
    const type = typeOf(left);
    if (type !== 'number' && operator.text !== '==' && operator.text !== '!=') {
      return this.#fail(operator, 'equality', `"==" or "!=" after ${quoted(first)}`);
    }
    this.#at++;
    return this.#parseRight(left, operator.text, type);
  }

  #parseRight(left: Operand, operator: ComparisonOperator, type: ValueType): Condition | undefined {
    const token = this.#peek();
    const expected = `${typeNames[type]} after "${operator}"`;
    const right = this.#parseOperand('value', expected);
    if (right === undefined) return undefined;
    if (typeOf(right) !== type) return this.#fail(token, 'value', expected);
    const next = this.#peek();
    if (next.kind === 'operator' && isComparison(next.text)) {
      return this.#fail(next, 'connector', '"&&" or "||" between two comparisons');
    }
    return { kind: 'compare', operator, left, right };
  }

  #parseOperand(code: 'field' | 'value', expected: string): Operand | undefined {
    const token = this.#peek();
    if (token.kind === 'invalid' || token.kind === 'operator' || token.kind === 'end') {
      return this.#fail(token, code, expected);
    }
    if (token.kind === 'word' && !isField(token.text) && token.text !== 'true' && token.text !== 'false') {
      const needsQuotes = expected.startsWith(typeNames.string);
      const suggestion = needsQuotes ? JSON.stringify(token.text) : nearest(token.text, conditionFields);
      return this.#fail(token, code, expected, suggestion);
    }
    this.#at++;
    return operandOf(token);
  }

  #peek(): ConditionToken {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', offset: this.#text.length };
  }

  #accept(operator: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'operator' || token.text !== operator) return false;
    this.#at++;
    return true;
  }

  /** Prefers the expectation of an invalid token to that of the grammar: it is more specific. */
  #fail(token: ConditionToken, code: ConditionProblemCode, expected: string, suggestion?: string): undefined {
    const failure: ParseFailure =
      token.expected === undefined
        ? { token, code, expected }
        : { token, code: 'token', expected: token.expected };
    this.#failure = suggestion === undefined ? failure : { ...failure, suggestion };
    return undefined;
  }
}

function operandOf(token: ConditionToken): Operand {
  if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
  if (token.kind === 'string') return { kind: 'literal', value: token.text };
  if (isField(token.text)) return { kind: 'field', field: token.text };
  return { kind: 'literal', value: token.text === 'true' };
}

const quoted = (token: ConditionToken): string => JSON.stringify(token.text);

const connectorFor = (token: ConditionToken): string | undefined =>
  token.text === 'and' ? '&&' : token.text === 'or' ? '||' : undefined;
