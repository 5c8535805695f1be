import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Item, readCounter, silenceAttribute, writeSilence } from '../../lambda/count/counter-item.ts';
import { ExpressionBuilder } from '../../lambda/count/expression-builder.ts';
import type { Silence } from '../../lambda/counters/silence.ts';

/** Where silences are said, and taken back: beside the claims that they hold back further alerts of. */
export interface Silences {
  /** Puts a silence in the place of another of its rule; undefined where there is no such counter. */
  silence(pk: string, silence: Silence): Promise<{ readonly before: Silence | undefined } | undefined>;
  /** Takes a silence away, and answers it; undefined where there is none. */
  unsilence(pk: string, rule: string): Promise<Silence | undefined>;
}

/** So often an item's time to live may be put off by others between two tries. */
const maxAttempts = 10;

/** Silences in the table of the counters. */
export class DynamoSilences implements Silences {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
  }

  /** An item that would be gone before the silence ends is kept until then. Either is one write, whole or not at all. */
  async silence(pk: string, silence: Silence): Promise<{ before: Silence | undefined } | undefined> {
    for (let tries = 0; tries < maxAttempts; tries += 1) {
      for (const isKept of [true, false]) {
        const expression = new ExpressionBuilder();
        const { name, value, set, require } = expression;
        const [expiresAt, until] = [name('expiresAt'), value({ N: String(silence.until) })];
        set(`${name(silenceAttribute(silence.rule))} = ${value(writeSilence(silence))}`);
        if (!isKept) set(`${expiresAt} = ${until}`);
        require(`attribute_exists(${name('pk')})`);
        require(isKept ? `${expiresAt} >= ${until}` : `NOT ${expiresAt} >= ${until}`);
        const answer = await this.#update(pk, expression);
        if (answer) return { before: readCounter(answer).silences.get(silence.rule) };
      }
      if (!(await this.#exists(pk))) return undefined;
    }
    throw new Error(`${pk} changed at each of ${maxAttempts} tries to silence it`);
  }

  async unsilence(pk: string, rule: string): Promise<Silence | undefined> {
    const expression = new ExpressionBuilder();
    const attribute = expression.name(silenceAttribute(rule));
    expression.remove(attribute);
    expression.require(`attribute_exists(${attribute})`);
    const answer = await this.#update(pk, expression);
    return answer && readCounter(answer).silences.get(rule);
  }

  /** Whether there is such a counter: an update of nothing on that condition. */
  async #exists(pk: string): Promise<boolean> {
    const expression = new ExpressionBuilder();
    const name = expression.name('pk');
    expression.require(`attribute_exists(${name})`);
    return (await this.#update(pk, expression)) !== undefined;
  }

  /** Sends an update; answers the item as it was, or undefined when its condition failed. */
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
