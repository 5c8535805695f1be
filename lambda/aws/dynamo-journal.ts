import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { FlowError } from '../common/errors.ts';
import { type Item, numberAttribute, numberOf } from '../count/counter-item.ts';
import { ExpressionBuilder } from '../count/expression-builder.ts';
import {
  advanced,
  chunkRetentionSeconds,
  type FreezeId,
  type Journal,
  type LaneState,
  type Page,
  pageRetentionSeconds,
  type TakenPages,
} from '../journal/journal.ts';
import {
  bytesOf,
  chunkKey,
  freezeText,
  type ItemKey,
  itemVersion,
  keyItem,
  laneSetsKey,
  pageBounds,
  pagesPartition,
  readPage,
  readState,
  readTaken,
  refusalKey,
  stateKey,
  takenPartition,
  takenSortKey,
  writeChunk,
  writePage,
  writeTaken,
} from '../journal/journal-items.ts';
import { type Lane, laneName } from '../journal/lane.ts';
import { CommandSender } from './command-sender.ts';
import { storeError } from './store-error.ts';

/** How often a process records again that its set of lanes is in use, in seconds. */
const registeredSeconds = 3600;

/** The prefix of the attributes that say when a set of lanes was in use last. */
const setPrefix = 's';

/** Stores the journal in a DynamoDB table with a sort key. */
export class DynamoJournal implements Journal {
  readonly seed: string;
  readonly #client: DynamoDBClient;
  readonly #sender: CommandSender;
  readonly #tableName: string;
  readonly #registered = new Map<number, number>();

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#sender = new CommandSender(client);
    this.#tableName = tableName;
    this.seed = tableName;
  }

  async register(lanes: number, now: number, signal: AbortSignal): Promise<void> {
    const known = this.#registered.get(lanes);
    if (known !== undefined && Math.abs(now - known) < registeredSeconds) return;
    const expression = new ExpressionBuilder();
    expression.set(`${expression.name(`${setPrefix}${lanes}`)} = ${expression.value(numberAttribute(now))}`);
    await this.#update(laneSetsKey, expression, signal);
    this.#registered.set(lanes, now);
  }

  async laneSets(now: number, signal: AbortSignal): Promise<number[]> {
    const item = (await this.#read(laneSetsKey, signal)) ?? {};
    return Object.entries(item).flatMap(([name, usedAt]) => {
      const lanes = name.startsWith(setPrefix) ? Number(name.slice(setPrefix.length)) : Number.NaN;
      const isInUse = Number.isInteger(lanes) && (numberOf(usedAt) ?? 0) >= now - pageRetentionSeconds;
      return isInUse ? [lanes] : [];
    });
  }

  async putPage(lane: Lane, page: Page, signal: AbortSignal): Promise<void> {
    await this.#put(writePage(lane, page), signal);
  }

  async *pages(
    lane: Lane,
    from: number,
    to: number,
    signal: AbortSignal,
    consistency: 'strong' | 'eventual' = 'eventual',
  ): AsyncIterable<Page> {
    const { first, last } = pageBounds(from, to);
    const options = { isAscending: true, isConsistent: consistency === 'strong' };
    for await (const item of this.#query(pagesPartition(lane), first, last, options, signal)) {
      yield readPage(item);
    }
  }

  async lease(
    lane: Lane,
    holder: string,
    now: number,
    until: number,
    signal: AbortSignal,
  ): Promise<LaneState | undefined> {
    const expression = new ExpressionBuilder();
    const { name, value, set, require } = expression;
    const [holderName, leaseUntil, own] = [name('holder'), name('leaseUntil'), value({ S: holder })];
    set(`${holderName} = ${own}`);
    set(`${leaseUntil} = ${value(numberAttribute(until))}`);
    const isFree = `attribute_not_exists(${leaseUntil}) OR ${leaseUntil} < ${value(numberAttribute(now))}`;
    require(`(${isFree} OR ${holderName} = ${own})`);
    const item = await this.#update(stateKey(lane), expression, signal);
    return item && readState(item);
  }

  async release(lane: Lane, holder: string, until: number, signal: AbortSignal): Promise<void> {
    const expression = new ExpressionBuilder();
    const { name, value, remove, require } = expression;
    const leaseUntil = name('leaseUntil');
    require(`${name('holder')} = ${value({ S: holder })}`);
    require(`${leaseUntil} = ${value(numberAttribute(until))}`);
    remove(leaseUntil);
    await this.#update(stateKey(lane), expression, signal);
  }

  async state(lane: Lane, signal: AbortSignal): Promise<LaneState> {
    return readState(await this.#read(stateKey(lane), signal));
  }

  async putTaken(lane: Lane, taken: TakenPages, signal: AbortSignal): Promise<void> {
    await this.#put(writeTaken(lane, taken), signal);
  }

  async putChunk(
    lane: Lane,
    freeze: FreezeId,
    index: number,
    until: number,
    bytes: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#put(writeChunk(lane, freeze, index, until, bytes), signal);
  }

  async freeze(lane: Lane, before: LaneState, after: LaneState, signal: AbortSignal): Promise<boolean> {
    const expression = new ExpressionBuilder();
    const { name, value, set, require } = expression;
    const [freeze, phase] = [name('freeze'), name('phase')];
    set(`${name('version')} = ${value(numberAttribute(itemVersion))}`);
    set(`${freeze} = ${value({ S: freezeText(after.freeze) })}`);
    set(`${phase} = ${value({ S: after.phase })}`);
    for (const field of ['until', 'countedUntil', 'chunks', 'applied'] as const) {
      set(`${name(field)} = ${value(numberAttribute(after[field]))}`);
    }
    if (before.freeze.number === 0) require(`attribute_not_exists(${freeze})`);
    else {
      require(`${freeze} = ${value({ S: freezeText(before.freeze) })}`);
      require(`${phase} = ${value({ S: 'open' })}`);
    }
    return this.#updateOnce(stateKey(lane), expression, after, signal);
  }

  async advance(lane: Lane, state: LaneState, applied: number, signal: AbortSignal): Promise<boolean> {
    const after = advanced(state, applied);
    const expression = new ExpressionBuilder();
    const { name, value, set, require } = expression;
    const [phase, done] = [name('phase'), name('applied')];
    set(`${phase} = ${value({ S: after.phase })}`);
    set(`${done} = ${value(numberAttribute(applied))}`);
    set(`${name('countedUntil')} = ${value(numberAttribute(after.countedUntil))}`);
    require(`${name('freeze')} = ${value({ S: freezeText(state.freeze) })}`);
    require(`${phase} = ${value({ S: 'apply' })}`);
    require(`${done} < ${value(numberAttribute(applied))}`);
    return this.#updateOnce(stateKey(lane), expression, after, signal);
  }

  async taken(
    lane: Lane,
    last: Pick<LaneState, 'freeze' | 'until'>,
    since: number,
    signal: AbortSignal,
  ): Promise<TakenPages[]> {
    const chain: TakenPages[] = [];
    let next = last;
    const isComplete = () => next.freeze.number === 0 || next.until < since;
    if (isComplete()) return chain;
    // Refused attempts to freeze are stored too, and are not on the chain.
    const options = { isAscending: false, isConsistent: true };
    for await (const item of this.#query(takenPartition(lane), '', takenSortKey(last.freeze), options, signal)) {
      const taken = readTaken(item);
      if (freezeText(taken.freeze) !== freezeText(next.freeze)) continue;
      chain.push(taken);
      next = taken.previous;
      if (isComplete()) return chain;
    }
    throw this.#broken(lane, `what the freeze ${freezeText(next.freeze)} took is missing`);
  }

  async chunk(lane: Lane, freeze: FreezeId, index: number, signal: AbortSignal): Promise<Uint8Array> {
    const item = await this.#read(chunkKey(lane, freeze, index), signal);
    if (!item) throw this.#broken(lane, `the chunk ${index} of the freeze ${freezeText(freeze)} is missing`);
    return bytesOf(item.z);
  }

  async recordRefusal(
    lane: Lane,
    freeze: FreezeId,
    index: number,
    until: number,
    pk: string,
    signal: AbortSignal,
  ): Promise<number> {
    const expression = new ExpressionBuilder();
    const { name, value, add, set } = expression;
    add(`${name('times')} ${value(numberAttribute(1))}`);
    set(`${name('key')} = ${value({ S: pk })}`);
    set(`${name('expiresAt')} = ${value(numberAttribute(until + chunkRetentionSeconds))}`);
    const item = await this.#update(refusalKey(lane, freeze, index, pk), expression, signal);
    return numberOf(item?.times) ?? 1;
  }

  #broken(lane: Lane, what: string): FlowError {
    return new FlowError(
      'JOURNAL_BROKEN',
      `the journal is broken: ${what}, expected an item of lane ${laneName(lane)} in ${this.#tableName}; restore the item: until then, nothing of this lane is counted`,
    );
  }

  async *#query(
    pk: string,
    first: string,
    last: string,
    { isAscending, isConsistent = false }: { readonly isAscending: boolean; readonly isConsistent?: boolean },
    signal: AbortSignal,
  ): AsyncIterable<Item> {
    let from: Item | undefined;
    do {
      const query = {
        TableName: this.#tableName,
        KeyConditionExpression: first === '' ? 'pk = :pk AND sk <= :last' : 'pk = :pk AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':last': { S: last }, ...(first && { ':first': { S: first } }) },
        ScanIndexForward: isAscending,
        ConsistentRead: isConsistent,
        ...(from && { ExclusiveStartKey: from }),
      };
      const { Items = [], LastEvaluatedKey } = await this.#send(QueryCommand, query, signal);
      for (const item of Items) yield item as Item;
      from = LastEvaluatedKey as Item | undefined;
    } while (from);
  }

  async #put(item: Item, signal: AbortSignal): Promise<void> {
    await this.#send(PutItemCommand, { TableName: this.#tableName, Item: item as never }, signal);
  }

  async #read(key: ItemKey, signal: AbortSignal): Promise<Item | undefined> {
    const get = { TableName: this.#tableName, Key: keyItem(key) as never, ConsistentRead: true };
    const { Item: item } = await this.#send(GetItemCommand, get, signal);
    return item as Item | undefined;
  }

  /**
   * Updates a state. An attempt whose answer was lost fails its condition when it is sent again: then the state is read,
   * which names the freeze and its progress.
   */
  async #updateOnce(
    key: ItemKey,
    expression: ExpressionBuilder,
    after: LaneState,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (await this.#update(key, expression, signal)) return true;
    const stored = readState(await this.#read(key, signal));
    return freezeText(stored.freeze) === freezeText(after.freeze) && stored.applied === after.applied;
  }

  /** Updates an item. Returns the item after the update; undefined if the condition failed. */
  async #update(key: ItemKey, expression: ExpressionBuilder, signal: AbortSignal): Promise<Item | undefined> {
    const update = {
      TableName: this.#tableName,
      Key: keyItem(key),
      ...expression.parameters(),
      ReturnValues: 'ALL_NEW',
    };
    try {
      const { Attributes } = await this.#sender.send(UpdateItemCommand, update as never, signal);
      return (Attributes ?? {}) as Item;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw await storeError(error, signal, this.#client);
    }
  }

  async #send<Input, Output>(
    kind: Parameters<typeof CommandSender.prototype.send<Input, Output>>[0],
    input: Input,
    signal: AbortSignal,
  ): Promise<Output> {
    try {
      return await this.#sender.send(kind, input, signal);
    } catch (error) {
      throw await storeError(error, signal, this.#client);
    }
  }
}
