import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FlowFiles } from '../../../cli/flow-files/flow-files.ts';
import type { Engine } from '../../../cli/replay/engine.ts';
import { createMemoryEngine, type MemoryEngine } from '../../../cli/replay/memory-engine.ts';
import { replay } from '../../../cli/replay/replay.ts';
import { replayFiles } from '../../../cli/replay/replay-files.ts';
import { ReportCollector } from '../../../cli/report/report-collector.ts';
import { CheckFailed } from '../../../cli/terminal/exit-signals.ts';
import { defaultFirehoseOptions } from '../../../emulators/firehose.ts';
import { epoch, lineOf, v2 } from '../../support/flows.ts';
import { fewRules } from '../../support/rules.ts';
import { catching } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();

/** Makes a file of `count` lines, one a second; calls `beforeLine` before each line. */
function filesOf(count: number, beforeLine: (n: number) => void = () => {}): FlowFiles {
  let records = 0;
  return {
    formats: [v2],
    bytes: count,
    files: () => [{ name: 'a.log', kind: 'flow log lines', bytes: count, records, problem: undefined }],
    async *records(progress) {
      for (let n = 0; n < count; n += 1) {
        beforeLine(n);
        const line = lineOf({ action: 'REJECT', dstport: n % 1000, start: epoch + n, end: epoch + n });
        records += 1;
        progress?.(records);
        yield { data: Buffer.from(`${line}\n`), arrival: (epoch + n) * 1000 };
      }
    },
  };
}

const never = new AbortController().signal;

/** What is called with the arrival of a batch's first record, and with its number of records. */
interface Observer {
  readonly before?: (arrival: number) => void;
  readonly after?: (records: number) => void;
}

type Way = (engine: MemoryEngine, observer: Observer) => Pick<Engine, 'invoke' | 'count'>;

const ways: readonly (readonly [name: string, way: Way])[] = [
  [
    'as events',
    (engine, { before, after }) => ({
      async invoke(event) {
        const { records } = event as { records: { approximateArrivalTimestamp: number }[] };
        before?.(records[0]!.approximateArrivalTimestamp);
        const response = await engine.invoke(event);
        after?.(records.length);
        return response;
      },
    }),
  ],
  [
    'directly',
    (engine, { before, after }) => ({
      invoke: engine.invoke,
      async count(records) {
        before?.(records[0]!.arrival);
        const counted = await engine.count(records);
        after?.(records.length);
        return counted;
      },
    }),
  ],
];

describe('replayFiles', () => {
  it.each(ways)('holds one batch of records in memory at a time, %s', async (_, wayOf) => {
    let [read, finished, maxInMemory] = [0, 0, 0];
    const files = filesOf(5_000, () => {
      read += 1;
      maxInMemory = Math.max(maxInMemory, read - finished);
    });
    const after = (batch: number) => {
      finished += batch;
    };
    const engine = createMemoryEngine({ formats: [v2], rules: fewRules });
    const { records } = await replayFiles(files, wayOf(engine, { after }), {
      label: 'test',
      collector: new ReportCollector(fewRules, [v2]),
      signal: never,
    });
    expect(records).toMatchObject({ flows: 5_000, counted: 5_000, unreadable: 0 });
    // One record a second: those of a full batch, and the first record of the next batch.
    expect(maxInMemory).toBe(defaultFirehoseOptions.bufferSeconds + 1);
  });

  it.each(ways)('counts records as unreadable when every attempt of their batch fails, %s', async (_, wayOf) => {
    const engine = createMemoryEngine({ formats: [v2], rules: fewRules });
    let batches = 0;
    const before = (arrival: number) => {
      if (arrival === epoch * 1000) throw new Error('out of order');
      batches += 1;
    };
    const replayed = await replayFiles(filesOf(180), wayOf(engine, { before }), {
      label: 'test',
      collector: new ReportCollector(fewRules, [v2]),
      signal: never,
    });
    expect(batches).toBe(2);
    expect(replayed).toMatchObject({ givenUp: 60, records: { flows: 120, unreadable: 60 } });
    expect(replayed.records.reasons).toMatchObject([{ reason: 'the batch was given up: out of order', lines: 60 }]);
  });

  it('evaluates the records that were read when it is interrupted', async () => {
    const interruption = new AbortController();
    const alerts = join(mkdtempSync(join(folder, 'interrupted-')), 'alerts.jsonl');
    const files = filesOf(100_000, (n) => {
      if (n === 4000) interruption.abort();
    });
    const { stdout, stderr, thrown } = await catching(() =>
      replay(['a.log'], { store: 'memory', alerts }, interruption.signal, async () => files),
    );
    expect(thrown).toBeInstanceOf(CheckFailed);
    expect(stdout).toContain('4,000    4,000       0         0           0');
    expect(stderr).toBe('flow-sentinel: interrupted after 01:06 of the logs, at 2026-11-24 10:06:39 UTC\n');
    expect(readFileSync(alerts, 'utf8')).toContain('"rule":"repeated_rejects"');
  });
});
