/** The condition of a filter as data, and its evaluation. */

/** The values that a condition can use. */
export interface ConditionContext {
  /** Whether the link has a default route, or a gateway from a lease or a manager. */
  readonly hasGateway: boolean;
  readonly dnsCount: number;
  readonly addressCount: number;
  readonly mtu: number;
  /** Name of the link; '' for an event without one. */
  readonly interface: string;
  readonly state: string;
}

export type ConditionField = 'has_gateway' | 'dns_count' | 'address_count' | 'mtu' | 'interface' | 'state';
export type ComparisonOperator = '==' | '!=' | '>=' | '<=' | '>' | '<';
export type Operand =
  | { readonly kind: 'field'; readonly field: ConditionField }
  | { readonly kind: 'literal'; readonly value: string | number | boolean };

/** A parsed and type-checked condition. Plain data. */
export type Condition =
  | { readonly kind: 'or' | 'and'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'truth'; readonly operand: Operand }
  | {
      readonly kind: 'compare';
      readonly operator: ComparisonOperator;
      readonly left: Operand;
      readonly right: Operand;
    };

/** Evaluates `condition`. Total: a parsed condition has a value for every context. */
export function evaluate(condition: Condition, context: ConditionContext): boolean {
  switch (condition.kind) {
    case 'or':
      return evaluate(condition.left, context) || evaluate(condition.right, context);
    case 'and':
      return evaluate(condition.left, context) && evaluate(condition.right, context);
    case 'not':
      return !evaluate(condition.operand, context);
    case 'truth':
      return resolve(condition.operand, context) === true;
    case 'compare':
      return compare(condition.operator, resolve(condition.left, context), resolve(condition.right, context));
  }
}

function resolve(operand: Operand, context: ConditionContext): string | number | boolean {
  if (operand.kind === 'literal') return operand.value;
  switch (operand.field) {
    case 'has_gateway':
      return context.hasGateway;
    case 'dns_count':
      return context.dnsCount;
    case 'address_count':
      return context.addressCount;
    case 'mtu':
      return context.mtu;
    case 'interface':
      return context.interface;
    case 'state':
      return context.state;
  }
}

function compare(
  operator: ComparisonOperator,
  left: string | number | boolean,
  right: string | number | boolean,
): boolean {
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '>=':
      return left >= right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '<':
      return left < right;
  }
}
