import type { Attribute, Item } from './counter-item.ts';

/** The expressions of an UpdateItem, and the names and values in them (DynamoDB API Reference). */
export interface Expressions {
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues?: Item;
}

const verbs = ['SET', 'ADD', 'REMOVE', 'DELETE'] as const;

/** Collects the clauses of an update. Names and values become placeholders, so that no name is a reserved word. */
export class ExpressionBuilder {
  readonly #names = new Map<string, string>();
  readonly #values: Item = {};
  readonly #clauses = { SET: [] as string[], ADD: [] as string[], REMOVE: [] as string[], DELETE: [] as string[] };
  readonly #conditions: string[] = [];
  #count = 0;

  /** Returns the placeholder of an attribute name. */
  readonly name = (attribute: string): string => {
    const known = this.#names.get(attribute) ?? `#${this.#names.size.toString(36)}`;
    this.#names.set(attribute, known);
    return known;
  };

  /** Adds a value and returns its placeholder. */
  readonly value = (attribute: Attribute): string => {
    const placeholder = `:${this.#count.toString(36)}`;
    this.#count += 1;
    this.#values[placeholder] = attribute;
    return placeholder;
  };

  readonly set = (clause: string): void => void this.#clauses.SET.push(clause);
  readonly add = (clause: string): void => void this.#clauses.ADD.push(clause);
  readonly delete = (clause: string): void => void this.#clauses.DELETE.push(clause);
  readonly remove = (clause: string): void => void this.#clauses.REMOVE.push(clause);
  readonly require = (condition: string): void => void this.#conditions.push(condition);

  /** Returns the expressions of all clauses. */
  parameters(): Expressions {
    const clauses: string[] = [];
    for (const verb of verbs) {
      const parts = this.#clauses[verb];
      if (parts.length > 0) clauses.push(`${verb} ${parts.join(', ')}`);
    }
    const ExpressionAttributeNames: Record<string, string> = {};
    for (const [attribute, name] of this.#names) ExpressionAttributeNames[name] = attribute;
    return {
      UpdateExpression: clauses.join(' '),
      ...(this.#conditions.length > 0 && { ConditionExpression: this.#conditions.join(' AND ') }),
      ExpressionAttributeNames,
      ...(this.#count > 0 && { ExpressionAttributeValues: this.#values }),
    };
  }
}
