import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { startLocalStack } from '../../emulators/local-stack.ts';
import { duration, formatInteger } from '../../lambda/common/format-units.ts';
import type { CountingOption } from './counting-option.ts';
import { localWorld } from './local-world.ts';
import { memoryWorld } from './memory-world.ts';
import { chaosRuleSet, laterChaosRuleSet } from './rules.ts';
import { type Outcome, runScenario } from './run-scenario.ts';
import { anyScenario, type Scenario, withContextEvents } from './scenario.ts';

export interface ChaosOptions {
  readonly minutes: number;
  /** Default: a random seed. */
  readonly seed?: number;
  readonly store: 'memory' | 'local';
  /** Default: a share of each. */
  readonly counting?: CountingOption;
  readonly json?: boolean;
}

/** The maximum number of flows of a scenario, and the number of scenarios between two checks of the time. */
const maxFlows = 20;
const scenariosAtOnce = { memory: 100, local: 10 };

/** The result of a search. */
interface SearchResult {
  readonly seed: number;
  readonly schedules: number;
  readonly calls: number;
  readonly alerts: number;
  readonly violation?: {
    readonly seed: number;
    readonly scenario: Scenario;
    readonly schedule?: string;
    readonly what: readonly string[];
  };
}

class Violation extends Error {
  readonly what: readonly string[];

  constructor(what: readonly string[]) {
    super(what.join('; '));
    this.what = what;
  }
}

/**
 * Searches for a schedule of faults that causes a wrong count or a lost alert, and prints the result.
 *
 * @returns whether the search found no such schedule
 */
export async function chaos({
  minutes,
  seed = Math.floor(Math.random() * 1e9),
  store,
  counting = 'both',
  json,
}: ChaosOptions): Promise<boolean> {
  process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
  process.env.POWERTOOLS_METRICS_DISABLED ??= 'true';
  const sums = { schedules: 0, calls: 0, alerts: 0 };
  const record = (outcome: Outcome) => {
    sums.schedules += 1;
    sums.calls += outcome.calls;
    sums.alerts += outcome.alerts;
    if (outcome.violations.length > 0) throw new Violation(outcome.violations);
  };
  const { property, stop } = store === 'memory' ? onMemory(counting, record) : await onLocalStack(counting, record);
  const end = performance.now() + minutes * 60_000;
  let violation: SearchResult['violation'];
  for (let at = seed; performance.now() < end && !violation; at += 1) {
    const details = await fc.check(property, { seed: at, numRuns: scenariosAtOnce[store] });
    if (details.failed) violation = violationOf(at, details);
    progress(sums.schedules, end);
  }
  await stop();
  const result: SearchResult = { seed, ...sums, ...(violation && { violation }) };
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : textOf(result, minutes));
  return violation === undefined;
}

type RecordOutcome = (outcome: Outcome) => void;

function onMemory(counting: CountingOption, record: RecordOutcome) {
  const scenarios = anyScenario(maxFlows, counting);
  const some = fc.oneof(
    { weight: 4, arbitrary: scenarios },
    { weight: 1, arbitrary: withContextEvents(scenarios, maxFlows) },
  );
  const property = fc.asyncProperty(some, fc.scheduler(), async (scenario, scheduler) => {
    const pause = () => scheduler.schedule(Promise.resolve());
    record(await scheduler.waitFor(runScenario(scenario, memoryWorld(scenario), pause)));
  });
  return { property: property as fc.IAsyncProperty<unknown>, stop: async () => {} };
}

async function onLocalStack(counting: CountingOption, record: RecordOutcome) {
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-chaos-'));
  const rulesFiles = { present: join(directory, 'rules.json'), later: join(directory, 'later-rules.json') };
  writeFileSync(rulesFiles.present, JSON.stringify(chaosRuleSet));
  writeFileSync(rulesFiles.later, JSON.stringify(laterChaosRuleSet));
  const stack = await startLocalStack();
  const property = fc.asyncProperty(anyScenario(maxFlows, counting), async (scenario) => {
    await stack.clear();
    record(await runScenario(scenario, localWorld(stack, rulesFiles, scenario), () => setImmediate(undefined)));
  });
  const stop = async () => {
    await stack.stop();
    rmSync(directory, { recursive: true });
  };
  return { property: property as fc.IAsyncProperty<unknown>, stop };
}

function violationOf(
  seed: number,
  { counterexample, errorInstance }: fc.RunDetails<unknown>,
): SearchResult['violation'] {
  const [scenario, schedule] = counterexample as [Scenario, unknown];
  const what = errorInstance instanceof Violation ? errorInstance.what : [String(errorInstance)];
  return { seed, scenario, ...(schedule !== undefined && { schedule: String(schedule) }), what };
}

function progress(schedules: number, end: number): void {
  if (!process.stderr.isTTY) return;
  const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
  process.stderr.write(`\r${formatInteger(schedules)} schedules, ${left} s left\u001b[K${left === 0 ? '\n' : ''}`);
}

function textOf({ seed, schedules, calls, alerts, violation }: SearchResult, minutes: number): string {
  const searched = `${formatInteger(schedules)} schedules from seed ${seed} in ${duration(Math.round(minutes * 60))}: ${formatInteger(calls)} calls, ${formatInteger(alerts)} alerts`;
  if (!violation) return `${searched}. No wrong count, no lost alert.\n`;
  return [
    `${searched}. A violation:`,
    ...violation.what.map((text) => `  ${text}`),
    `Seed ${violation.seed} reproduces the violation. The smallest schedule that shows it:`,
    JSON.stringify(violation.scenario, null, 2),
    ...(violation.schedule === undefined ? [] : [violation.schedule]),
    '',
  ].join('\n');
}
