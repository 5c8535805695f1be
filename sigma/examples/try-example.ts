import { delegatingStore } from '../../emulators/delegating-store.ts';
import { firehoseEvent, wrapLines } from '../../emulators/firehose-event.ts';
import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import type { Alert } from '../../lambda/alert/alert.ts';
import type { Quantity } from '../../lambda/common/quantity.ts';
import type { CounterStore } from '../../lambda/count/counter-store.ts';
import { countEvent } from '../../lambda/count-event.ts';
import { resolutionMultiple } from '../../lambda/counters/alert-record.ts';
import type { CounterKey } from '../../lambda/counters/counter-key.ts';
import { touchedWindows, windowSlots } from '../../lambda/counters/window.ts';
import { evaluateWindow } from '../../lambda/evaluate/window-value.ts';
import type { Ports } from '../../lambda/pipeline.ts';
import { transform } from '../../lambda/pipeline.ts';
import { allSeriesOf, seriesOfRules } from '../../lambda/rules/correlation.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import type { ExampleEvent } from './example-event.ts';
import { type ExampleFlow, exampleFormat, exampleStart } from './example-flow.ts';
import { regionsOfExample } from './example-regions.ts';
import type { Example } from './rule-examples.ts';

/** The prefix in the names of the examples that `rules new` writes, until someone completes them. */
const todoPrefix = 'TODO';

/** An alert that the flows of an example caused. */
export interface ExampleAlert {
  /** The values of the rule's group-by, in its order. */
  readonly key: Readonly<Record<string, string>>;
  readonly value: Quantity;
}

/** The highest value that any key reached. */
export interface Nearest extends ExampleAlert {
  /** True if the value exceeds the threshold: then the conditions of `flow_sentinel` did not hold. */
  readonly isOver: boolean;
}

/** The result of an example. */
export interface ExampleResult {
  readonly example: Example;
  readonly alerts: readonly ExampleAlert[];
  /** The published alerts; more than ten in a batch are one digest. */
  readonly published: readonly Alert[];
  /** Undefined if the rule counted no flow. */
  readonly nearest: Nearest | undefined;
  /** The difference from the example; undefined for a passed example. */
  readonly failure: string | undefined;
}

/** Runs the examples of a rule, each with empty counters, through the pipeline with only that rule. */
export async function tryExamples(
  rule: Rule,
  ruleSet: RuleSet,
  examples: readonly Example[],
): Promise<ExampleResult[]> {
  const rules = loadRules(onlyRule(rule, ruleSet));
  const tried: ExampleResult[] = [];
  for (const example of examples) tried.push(await tryExample(rule, rules, example));
  return tried;
}

/** Returns the rule set with one rule, which alerts even if it is experimental. */
function onlyRule(rule: Rule, ruleSet: RuleSet): RuleSet {
  return { ...ruleSet, rules: [{ ...rule, status: 'test' }], series: seriesOfRules([rule], ruleSet.series) };
}

async function tryExample(rule: Rule, rules: LoadedRules, example: Example): Promise<ExampleResult> {
  rules.regions.current = regionsOfExample(
    [...example.before, ...example.flows].map(({ regions }) => regions),
    exampleStart,
  );
  const store = new RecordingStore(rule, rules);
  const alertState = new MemoryAlertStateStore();
  const published: Alert[] = [];
  const ports: Ports = {
    counters: store.counters,
    alertState,
    alerts: {
      async publish(alerts) {
        published.push(...alerts);
        return { published: new Set(alerts), problems: [] };
      },
    },
    log: {
      report({ firstReason }) {
        if (firstReason !== undefined) throw new Error(`a line of an example is unreadable: ${firstReason}`);
      },
      alert() {},
    },
    deadline: never,
    closing: never,
  };
  await send(example.before, [], rules, ports);
  const before = store.sent.length;
  await send(example.flows, example.events, rules, ports);
  const failure = before > 0 ? 'expected no alert for the flows in before' : failureOf(example, store.sent);
  return { example, alerts: store.sent, published, nearest: store.nearest(), failure };
}

const never = new AbortController().signal;

/** No message limits, so that no alert is deferred to a later minute. */
const messages = { perBatch: Number.MAX_SAFE_INTEGER, perMinute: Number.MAX_SAFE_INTEGER };

/** Sends flows in one batch per minute of their ends, a minute after that minute, and events in the order of their arrival. */
async function send(
  flows: readonly ExampleFlow[],
  events: readonly ExampleEvent[],
  rules: LoadedRules,
  ports: Ports,
): Promise<void> {
  const batches = [...Map.groupBy(flows, ({ end }) => Math.floor(end / 60))].map(([minute, ended]) => ({
    arrival: (minute + 2) * 60,
    send: async (arrival: number) => {
      const lines = ended.toSorted((a, b) => a.end - b.end).map(({ line }) => line);
      const event = firehoseEvent(wrapLines(lines, 'json', arrival * 1000));
      await transform(event, { formats: [exampleFormat], rules, messages }, ports);
    },
  }));
  const arrived = events.map(({ arrival, observed }) => ({
    arrival,
    send: async () => void (await countEvent(observed, arrival, { rules, messages }, ports)),
  }));
  for (const { arrival, send: sendOne } of [...batches, ...arrived].sort((a, b) => a.arrival - b.arrival)) {
    await sendOne(arrival);
  }
}

/** A store in memory that records the keys of its counters, and the alerts that were sent. */
class RecordingStore {
  /** The alerts that were published, in their order, without resolution notices. */
  readonly sent: ExampleAlert[] = [];
  readonly counters: CounterStore;
  readonly #rule: Rule;
  readonly #rules: LoadedRules;
  readonly #store: MemoryCounterStore;
  readonly #keys = new Map<string, CounterKey>();

  constructor(rule: Rule, rules: LoadedRules) {
    this.#rule = rule;
    this.#rules = rules;
    this.#store = new MemoryCounterStore(rules.series);
    this.counters = delegatingStore(this.#store, {
      add: (delta, batch) => {
        this.#keys.set(delta.key.pk, delta.key);
        return this.#store.add(delta, batch);
      },
      markSent: (pk, record) => {
        const { multiple, value } = record;
        if (multiple !== resolutionMultiple) this.sent.push({ key: this.#keyOf(pk) ?? {}, value });
        return this.#store.markSent(pk, record);
      },
    });
  }

  /** Returns the window with the highest value of any key; undefined without a counted flow. */
  nearest(): Nearest | undefined {
    const { series } = this.#rules;
    const ids = allSeriesOf(this.#rule);
    const length = windowSlots(this.#rule.timespanSeconds, series.get(ids[0]!)!.slotSeconds);
    let nearest: Nearest | undefined;
    for (const [pk, { slots }] of this.#store.counters) {
      const key = this.#keyOf(pk);
      const filled = key ? ids.flatMap((id) => [...(slots.get(id)?.keys() ?? [])]) : [];
      for (const range of touchedWindows(filled, filled, length)) {
        const { value, multiple } = evaluateWindow({ ...this.#rule, extension: {} }, range, { slots, series });
        if (key && (!nearest || value > nearest.value)) nearest = { key, value, isOver: multiple !== undefined };
      }
    }
    return nearest;
  }

  /** Returns the rule's key of a counter, in the order of `group-by`; undefined for a counter with other fields. */
  #keyOf(pk: string): Record<string, string> | undefined {
    const fields = this.#keys.get(pk)?.fields;
    const { groupBy } = this.#rule;
    if (fields?.size !== groupBy.length || !groupBy.every((name) => fields.has(name))) return undefined;
    return Object.fromEntries(groupBy.map((name) => [name, fields.get(name)!]));
  }
}

function failureOf({ name, expects, keys }: Example, alerts: readonly ExampleAlert[]): string | undefined {
  if (name.startsWith(todoPrefix)) return 'not written yet: write its flows, and a name that describes them';
  if (expects === 'silent') return alerts.length > 0 ? 'expected no alert' : undefined;
  if (alerts.length === 0) return 'expected an alert, got none';
  if (!keys) return undefined;
  const wanted = new Set(keys.map((key) => JSON.stringify(key)));
  const got = new Set(alerts.map(({ key }) => JSON.stringify(key)));
  return wanted.symmetricDifference(got).size > 0 ? 'the alerts have other keys than expected' : undefined;
}
