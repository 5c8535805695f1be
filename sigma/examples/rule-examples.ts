import { z } from 'zod';
import { canonicalAddress, type Network } from '../../lambda/networks/ip-address.ts';
import type { Rule } from '../../lambda/rules/model.ts';
import {
  checkShape,
  readDocuments,
  type SourceDocument,
  type SourceFile,
  sourceLocation,
  type YamlPath,
} from '../parse/yaml-document.ts';
import { type ExampleFlow, exampleStart, flowShape, flowsOf, type WrittenFlow } from './example-flow.ts';

/** What a rule is said to do, as flows: see docs/rules/writing-rules.md, "Examples". */
export interface Example {
  readonly name: string;
  /** Where it stands, as `file:line`. */
  readonly place: string;
  readonly expects: 'alerts' | 'silent';
  /** Of an example that alerts: exactly these keys do; undefined for any. */
  readonly keys: readonly Readonly<Record<string, string>>[] | undefined;
  /** What was seen before it. */
  readonly before: readonly ExampleFlow[];
  readonly flows: readonly ExampleFlow[];
}

const name = z.string().min(1).max(200);
const flows = z.array(flowShape).min(1).max(1000);
const silent = z.strictObject({ name, before: flows.optional(), flows });
const alerting = z.strictObject({
  name,
  before: flows.optional(),
  flows,
  keys: z
    .array(z.record(z.string(), z.union([z.string(), z.number()])))
    .min(1)
    .optional(),
});
const atLeastOne = 'expected at least one example';
const shape = z.strictObject({
  alerts: z.array(alerting, atLeastOne).min(1, atLeastOne),
  silent: z.array(silent, atLeastOne).min(1, atLeastOne),
});

/**
 * Reads a rule's file of examples.
 *
 * @param monitoredNetworks of the rule set: they say at which of its ends a flow is logged
 * @param problems what is wrong is added here, as `file:line: text`
 */
export function readExamples(
  file: SourceFile,
  rule: Pick<Rule, 'name' | 'groupBy'>,
  monitoredNetworks: readonly Network[],
  problems: string[],
): Example[] {
  const { documents, problems: unreadable } = readDocuments(file);
  problems.push(...unreadable);
  const [source, second] = documents;
  if (second) problems.push(second.problem([], 'a file of examples is one document'));
  const document = source && checkShape(source, shape, problems);
  if (!source || !document) return [];
  const reader = new ExampleReader(source, rule, monitoredNetworks, problems);
  return [
    ...document.alerts.map((one, index) => reader.read('alerts', index, one)),
    ...document.silent.map((one, index) => reader.read('silent', index, one)),
  ];
}

class ExampleReader {
  readonly #source: SourceDocument;
  readonly #rule: Pick<Rule, 'name' | 'groupBy'>;
  readonly #monitoredNetworks: readonly Network[];
  readonly #problems: string[];
  readonly #names = new Set<string>();

  constructor(
    source: SourceDocument,
    rule: Pick<Rule, 'name' | 'groupBy'>,
    monitoredNetworks: readonly Network[],
    problems: string[],
  ) {
    this.#source = source;
    this.#rule = rule;
    this.#monitoredNetworks = monitoredNetworks;
    this.#problems = problems;
  }

  read(expects: Example['expects'], index: number, written: z.infer<typeof alerting>): Example {
    const path = [expects, index];
    if (this.#names.has(written.name)) this.#report([...path, 'name'], 'another example has this name');
    this.#names.add(written.name);
    const before = this.#flows(written.before ?? [], [...path, 'before']);
    const flows = this.#flows(written.flows, [...path, 'flows']);
    return {
      name: written.name,
      place: sourceLocation(this.#source, path),
      expects,
      keys: written.keys?.map((key, at) => this.#key(key, [...path, 'keys', at])),
      before,
      flows,
    };
  }

  /** What was seen before has ended when the example starts. */
  #flows(written: readonly WrittenFlow[], path: YamlPath): ExampleFlow[] {
    const isBefore = path.at(-1) === 'before';
    return written.flatMap((flow, index) => {
      const found = flowsOf(flow, this.#monitoredNetworks, (field, problem) =>
        this.#report([...path, index, field], `${field}: ${problem}`),
      );
      const at = [...path, index, 'at'];
      if (isBefore && found.some(({ end }) => end > exampleStart)) {
        this.#report(at, 'at: what was seen before ends by 0m, expected a time such as -8d');
      } else if (!isBefore && found.some(({ start }) => start < exampleStart)) {
        this.#report(at, 'at: flows start at 0m or later; what was seen before them goes into before');
      }
      return found;
    });
  }

  #key(written: Readonly<Record<string, string | number>>, path: YamlPath): Record<string, string> {
    const { groupBy } = this.#rule;
    const names = Object.keys(written);
    if (names.length !== groupBy.length || !groupBy.every((one) => names.includes(one))) {
      this.#report(path, `expected what the rule groups by: ${groupBy.join(', ')}`);
    }
    return Object.fromEntries(groupBy.map((one) => [one, spelled(String(written[one]))]));
  }

  #report(path: YamlPath, problem: string): void {
    this.#problems.push(this.#source.problem(path, problem));
  }
}

function spelled(value: string): string {
  return canonicalAddress(value) ?? value;
}
