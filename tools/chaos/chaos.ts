import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { startLocalStack } from '../../emulators/local-stack.ts';
import { duration, formatInteger } from '../../lambda/common/format-units.ts';
import { localWorld } from './local-world.ts';
import { memoryWorld } from './memory-world.ts';
import { chaosRuleSet } from './rules.ts';
import { type Outcome, runScenario } from './run-scenario.ts';
import { anyScenario, type Scenario } from './scenario.ts';

export interface ChaosOptions {
  readonly minutes: number;
  /** Chance's own, when not given. */
  readonly seed?: number;
  readonly store: 'memory' | 'local';
  readonly json?: boolean;
}

/** Flows in a scenario at most, and scenarios between two looks at the clock. */
const maxFlows = 20;
const chunk = 100;

/** What a search found. */
interface Found {
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
 * Searches for a schedule of faults that makes a wrong count or loses an alert, and prints what it found.
 *
 * @returns whether there was none
 */
export async function chaos({
  minutes,
  seed = Math.floor(Math.random() * 1e9),
  store,
  json,
}: ChaosOptions): Promise<boolean> {
  process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
  process.env.POWERTOOLS_METRICS_DISABLED ??= 'true';
  const sums = { schedules: 0, calls: 0, alerts: 0 };
  const judge = (outcome: Outcome) => {
    sums.schedules += 1;
    sums.calls += outcome.calls;
    sums.alerts += outcome.alerts;
    if (outcome.violations.length > 0) throw new Violation(outcome.violations);
  };
  const { property, stop } = store === 'memory' ? onMemory(judge) : await onLocalStack(judge);
  const end = performance.now() + minutes * 60_000;
  let violation: Found['violation'];
  for (let at = seed; performance.now() < end && !violation; at += 1) {
    const result = await fc.check(property, { seed: at, numRuns: chunk });
    if (result.failed) violation = violationOf(at, result);
    progress(sums.schedules, end);
  }
  await stop();
  const found: Found = { seed, ...sums, ...(violation && { violation }) };
  process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : textOf(found, minutes));
  return violation === undefined;
}

type Judge = (outcome: Outcome) => void;

function onMemory(judge: Judge) {
  const property = fc.asyncProperty(anyScenario(maxFlows), fc.scheduler(), async (scenario, scheduler) => {
    const pause = () => scheduler.schedule(Promise.resolve());
    judge(await scheduler.waitFor(runScenario(scenario, memoryWorld(scenario.messages), pause)));
  });
  return { property: property as fc.IAsyncProperty<unknown>, stop: async () => {} };
}

async function onLocalStack(judge: Judge) {
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-chaos-'));
  const rulesFile = join(directory, 'rules.json');
  writeFileSync(rulesFile, JSON.stringify(chaosRuleSet));
  const stack = await startLocalStack();
  const property = fc.asyncProperty(anyScenario(maxFlows), async (scenario) => {
    await stack.clear();
    judge(await runScenario(scenario, localWorld(stack, rulesFile, scenario.messages), () => setImmediate(undefined)));
  });
  const stop = async () => {
    await stack.stop();
    rmSync(directory, { recursive: true });
  };
  return { property: property as fc.IAsyncProperty<unknown>, stop };
}

function violationOf(seed: number, { counterexample, errorInstance }: fc.RunDetails<unknown>): Found['violation'] {
  const [scenario, schedule] = counterexample as [Scenario, unknown];
  const what = errorInstance instanceof Violation ? errorInstance.what : [String(errorInstance)];
  return { seed, scenario, ...(schedule !== undefined && { schedule: String(schedule) }), what };
}

function progress(schedules: number, end: number): void {
  if (!process.stderr.isTTY) return;
  const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
  process.stderr.write(`\r${formatInteger(schedules)} schedules, ${left} s left\u001b[K${left === 0 ? '\n' : ''}`);
}

function textOf({ seed, schedules, calls, alerts, violation }: Found, minutes: number): string {
  const searched = `${formatInteger(schedules)} schedules from seed ${seed} in ${duration(Math.round(minutes * 60))}: ${formatInteger(calls)} calls, ${formatInteger(alerts)} alerts`;
  if (!violation) return `${searched}. No wrong count, no lost alert.\n`;
  return [
    `${searched}. A violation:`,
    ...violation.what.map((text) => `  ${text}`),
    `Seed ${violation.seed} finds it again. The smallest schedule that shows it:`,
    JSON.stringify(violation.scenario, null, 2),
    ...(violation.schedule === undefined ? [] : [violation.schedule]),
    '',
  ].join('\n');
}
