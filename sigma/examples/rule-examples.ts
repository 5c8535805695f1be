import { z } from 'zod';
import { canonicalAddress, type Network } from '../../lambda/networks/ip-address.ts';
import type { Rule } from '../../lambda/rules/model.ts';
import { flowLogName } from '../compile/correlation-key.ts';
import {
  checkShape,
  readDocuments,
  type SourceDocument,
  type SourceFile,
  sourceLocation,
  type YamlPath,
} from '../parse/yaml-document.ts';
import { type ExampleEvent, eventOf, eventShape } from './example-event.ts';
import { type ExampleFlow, exampleStart, flowShape, flowsOf, type WrittenFlow } from './example-flow.ts';
import { regionConflict } from './example-regions.ts';

/** Flows that must or must not alert: see docs/rules/writing-rules.md, "Examples". */
export interface Example {
  readonly name: string;
  /** The location of the example, as `file:line`. */
  readonly place: string;
  readonly expects: 'alerts' | 'silent';
  /** Exactly these keys must alert; undefined for any key. */
  readonly keys: readonly Readonly<Record<string, string>>[] | undefined;
  /** The flows that precede the example. */
  readonly before: readonly ExampleFlow[];
  readonly flows: readonly ExampleFlow[];
  /** The events, beside the flows; without those that the function ignores. */
  readonly events: readonly ExampleEvent[];
}

const name = z.string().min(1).max(200);
const flows = z.array(flowShape).min(1).max(1000);
const input = {
  name,
  before: flows.optional(),
  flows: flows.optional(),
  events: z.array(eventShape).min(1).max(100).optional(),
};
const hasInput = (example: { readonly flows?: unknown; readonly events?: unknown }) =>
  example.flows !== undefined || example.events !== undefined;
const noInput = { path: ['flows'], error: 'expected flows, events, or both' };
const silentShape = z.strictObject(input).refine(hasInput, noInput);
const alertingShape = z
  .strictObject({
    ...input,
    keys: z
      .array(z.record(z.string(), z.union([z.string(), z.number()])))
      .min(1)
      .optional(),
  })
  .refine(hasInput, noInput);
const atLeastOneText = 'expected at least one example';
const examplesShape = z.strictObject({
  alerts: z.array(alertingShape, atLeastOneText).min(1, atLeastOneText),
  silent: z.array(silentShape, atLeastOneText).min(1, atLeastOneText),
});

/** The rule of examples; without `groupBy` if the rule is invalid, and keys are then not checked. */
export type ExampleRule = Partial<Pick<Rule, 'groupBy'>>;

/**
 * Reads a rule's file of examples.
 *
 * @param insideNetworks the internal and monitored networks, which decide at which endpoint a flow is logged
 * @param problems receives each mistake, as `file:line: text`
 */
export function readExamples(
  file: SourceFile,
  rule: ExampleRule,
  insideNetworks: readonly Network[],
  problems: string[],
): Example[] {
  const { documents, problems: unreadable } = readDocuments(file);
  problems.push(...unreadable);
  const [source, second] = documents;
  if (second) problems.push(second.problem([], 'a file of examples must be one document'));
  const document = source && checkShape(source, examplesShape, problems);
  if (!source || !document) return [];
  const reader = new ExampleReader(source, rule, insideNetworks, problems);
  return [
    ...document.alerts.map((example, index) => reader.read('alerts', index, example)),
    ...document.silent.map((example, index) => reader.read('silent', index, example)),
  ];
}

class ExampleReader {
  readonly #source: SourceDocument;
  readonly #rule: ExampleRule;
  readonly #insideNetworks: readonly Network[];
  readonly #problems: string[];
  readonly #names = new Set<string>();

  constructor(source: SourceDocument, rule: ExampleRule, insideNetworks: readonly Network[], problems: string[]) {
    this.#source = source;
    this.#rule = rule;
    this.#insideNetworks = insideNetworks;
    this.#problems = problems;
  }

  read(expects: Example['expects'], index: number, written: z.infer<typeof alertingShape>): Example {
    const path = [expects, index];
    if (this.#names.has(written.name)) this.#report([...path, 'name'], 'another example has the same name');
    this.#names.add(written.name);
    const before = this.#flows(written.before ?? [], [...path, 'before']);
    const flows = this.#flows(written.flows ?? [], [...path, 'flows']);
    const events = (written.events ?? []).flatMap((event, at) =>
      eventOf(event, at, (field, problem) => this.#report([...path, 'events', at, field], problem)),
    );
    const conflict = regionConflict([...before, ...flows].map(({ regions }) => regions));
    if (conflict !== undefined) this.#report([...path, 'flows'], conflict);
    return {
      name: written.name,
      place: sourceLocation(this.#source, path),
      expects,
      keys: written.keys?.map((key, at) => this.#key(key, [...path, 'keys', at])),
      before,
      flows,
      events,
    };
  }

  /** Expands flows. Those in `before` must end before the example starts. */
  #flows(written: readonly WrittenFlow[], path: YamlPath): ExampleFlow[] {
    const isBefore = path.at(-1) === 'before';
    return written.flatMap((flow, index) => {
      const found = flowsOf(flow, this.#insideNetworks, (field, problem) =>
        this.#report([...path, index, field], `${field}: ${problem}`),
      );
      const at = [...path, index, 'at'];
      if (isBefore && found.some(({ end }) => end > exampleStart)) {
        this.#report(at, 'at: flows in before must end by 0m, expected a time such as -8d');
      } else if (!isBefore && found.some(({ start }) => start < exampleStart)) {
        this.#report(at, 'at: flows must start at 0m or later; move earlier flows to before');
      }
      return found;
    });
  }

  #key(given: Readonly<Record<string, string | number>>, path: YamlPath): Record<string, string> {
    const { groupBy = Object.keys(given) } = this.#rule;
    const written = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        groupBy.includes(name) ? name : (flowLogName(name) ?? name),
        value,
      ]),
    );
    const names = Object.keys(written);
    if (names.length !== groupBy.length || !groupBy.every((name) => names.includes(name))) {
      this.#report(path, `expected a value for each field of group-by: ${groupBy.join(', ')}`);
    }
    return Object.fromEntries(groupBy.map((name) => [name, canonicalText(String(written[name]))]));
  }

  #report(path: YamlPath, problem: string): void {
    this.#problems.push(this.#source.problem(path, problem));
  }
}

/** Returns an address in its canonical form, and any other text unchanged. */
function canonicalText(value: string): string {
  return canonicalAddress(value) ?? value;
}
