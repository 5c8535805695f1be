import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Item, readCounter, silenceAttribute, writeSilence } from '../../lambda/count/counter-item.ts';
import { ExpressionBuilder } from '../../lambda/count/expression-builder.ts';
import type { Silence } from '../../lambda/counters/silence.ts';

/** A store of silences. A silence is stored with the alert records whose rule and key it silences. */
export interface Silences {
  /** Stores a silence, and returns the one of the same rule that it replaces; undefined if there is no such counter. */
  silence(pk: string, silence: Silence): Promise<{ readonly before: Silence | undefined } | undefined>;
  /** Removes the silence of a rule, and returns the removed silence; undefined if the rule is not silenced. */
  unsilence(pk: string, rule: string): Promise<Silence | undefined>;
}

/** Upper bound of attempts, each of which fails only if a concurrent write extends the item's time to live. */
const maxAttempts = 10;

/** Silences in the counter table. */
export class DynamoSilences implements Silences {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
  }

  /** Also extends the item's time to live to the silence's end. Either case is one atomic write. */
  async silence(pk: string, silence: Silence): Promise<{ before: Silence | undefined } | undefined> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      for (const outlivesSilence of [true, false]) {
        const expression = new ExpressionBuilder();
        const { name, value, set, require } = expression;
        const [expiresAt, until] = [name('expiresAt'), value({ N: String(silence.until) })];
        set(`${name(silenceAttribute(silence.rule))} = ${value(writeSilence(silence))}`);
        if (!outlivesSilence) set(`${expiresAt} = ${until}`);
        require(`attribute_exists(${name('pk')})`);
        require(outlivesSilence ? `${expiresAt} >= ${until}` : `NOT ${expiresAt} >= ${until}`);
        const previous = await this.#update(pk, expression);
        if (previous) return { before: readCounter(previous).silences.get(silence.rule) };
      }
      if (!(await this.#exists(pk))) return undefined;
    }
    throw new Error(`the silence was not stored: ${pk} changed during each of ${maxAttempts} attempts; try again`);
  }

  async unsilence(pk: string, rule: string): Promise<Silence | undefined> {
    const expression = new ExpressionBuilder();
    const attribute = expression.name(silenceAttribute(rule));
    expression.remove(attribute);
    expression.require(`attribute_exists(${attribute})`);
    const previous = await this.#update(pk, expression);
    return previous && readCounter(previous).silences.get(rule);
  }

  /** Returns whether the counter exists, by a conditional update without changes. */
  async #exists(pk: string): Promise<boolean> {
    const expression = new ExpressionBuilder();
    const name = expression.name('pk');
    expression.require(`attribute_exists(${name})`);
    return (await this.#update(pk, expression)) !== undefined;
  }

  /** Sends an update; returns the item before it, or undefined if its condition failed. */
  async #update(pk: string, expression: ExpressionBuilder): Promise<Item | undefined> {
    const { UpdateExpression, ...parameters } = expression.parameters();
    const update = {
      TableName: this.#tableName,
      Key: { pk: { S: pk } },
      ...parameters,
      ...(UpdateExpression !== '' && { UpdateExpression }),
      ReturnValues: 'ALL_OLD',
    };
    try {
      const { Attributes } = await this.#client.send(new UpdateItemCommand(update as never));
      return (Attributes ?? {}) as Item;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }
}
