import { relative } from 'node:path';
import type { Reporter, SerializedError, TestModule, TestSpecification, Vitest } from 'vitest/node';

/** Prints the totals of a run in its last line, and how to repeat a run that failed. */
export default class TotalsReporter implements Reporter {
  #vitest: Vitest | undefined;
  #expected: string[] = [];
  #isTimeUp = false;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#expected = specifications.map(({ moduleId }) => moduleId);
    // The limit of `npm run test:nightly -- --minutes N`: tests that run are finished, no other begins.
    const minutes = Number(process.env.TEST_MINUTES);
    if (minutes > 0) setTimeout(() => this.#endTime(), minutes * 60_000).unref();
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const reached = new Set<string>();
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1;
      let isReached = ['passed', 'failed', 'skipped'].includes(module.state());
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === 'pending' ? 'skipped' : state] += 1;
        if (state === 'pending') isReached = false;
      }
      if (isReached) reached.add(module.moduleId);
    }
    const lines: string[] = [];
    const unreached = this.#expected.filter((file) => !reached.has(file));
    if (this.#isTimeUp && unreached.length > 0) {
      lines.push(
        `The time was over before these files were finished (${unreached.length} of ${this.#expected.length}):`,
      );
      lines.push(...unreached.map((file) => `  ${relative('', file)}`).sort());
    }
    // Vitest counts a cancelled run as failed.
    if (this.#isTimeUp && counts.failed === 0) process.exitCode = 0;
    if (counts.failed > 0) lines.push(`To repeat this run: ${this.#seeds()}`);
    lines.push(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    // Other reporters print their summaries first.
    process.once('exit', () => process.stdout.write(`\n${lines.join('\n')}\n`));
  }

  #endTime(): void {
    this.#isTimeUp = true;
    void this.#vitest?.cancelCurrentRun('keyboard-input');
  }

  #seeds(): string {
    const { env, sequence } = this.#vitest!.config;
    const tier = process.env.TEST_TIER ? `TEST_TIER=${process.env.TEST_TIER} ` : '';
    return `${tier}PROPERTY_SEED=${env.PROPERTY_SEED} npx vitest run --sequence.seed=${sequence.seed} FILE`;
  }
}
