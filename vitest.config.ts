import { defineConfig } from 'vitest/config';
import { isNightly } from './test/support/tier.ts';

/** Runs of a pull request have the same properties each time; a night has new ones. */
const propertySeed = process.env.PROPERTY_SEED ?? String(isNightly ? Date.now() % 2 ** 31 : 20_261_124);

const nightlyFiles = 'test/**/*.nightly.test.ts';
const integrationFiles = 'test/**/*.integration.test.ts';

export default defineConfig({
  test: {
    sequence: { shuffle: true },
    // Vitest leaves one processor for watching.
    maxWorkers: '100%',
    // No test is right or wrong by the clock: this ends what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    env: {
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      PROPERTY_SEED: propertySeed,
    },
    globalSetup: 'test/support/shared-folder.setup.ts',
    setupFiles: 'test/support/property-seed.setup.ts',
    reporters: ['default', 'test/support/totals-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [integrationFiles, nightlyFiles],
          // Files share a process, which saves a third of the processor time: they leave nothing behind.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'integration', include: [integrationFiles] } },
      { extends: true, test: { name: 'nightly', include: [nightlyFiles] } },
    ],
  },
});
