import { afterAll, describe, expect, it } from 'vitest';
import { createMemoryEngine } from '../../../cli/replay/memory-engine.ts';
import { delegatingStore } from '../../../emulators/delegating-store.ts';
import { runFirehose } from '../../../emulators/firehose.ts';
import { wrapLines } from '../../../emulators/firehose-event.ts';
import { styleNames } from '../../../events/style-names.ts';
import { logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import { rulesOfStyle } from '../../../tools/detections/rules-of-style.ts';
import { formatOf } from '../../support/flows.ts';
import { labelledDay } from '../../support/labelled-days.ts';

/** An alert that was sent, and the arrival of the batch or the flush that raised it, in epoch seconds. */
interface Sent {
  readonly multiple: number;
  readonly arrival: number;
}

/** Replays a labelled day. @returns the alerts by rule and key, and the counters of pairs by their addresses */
async function replayDay(style: string, flushSeconds?: number) {
  const sent = new Map<string, Sent[]>();
  const engine = createMemoryEngine({
    ...{ formats: [formatOf(logFormat)], rules: loadRules(rulesOfStyle(style)), flushSeconds },
    messages: { perBatch: Number.POSITIVE_INFINITY, perMinute: Number.POSITIVE_INFINITY },
    wrapStore: (store) =>
      delegatingStore(store, {
        async markSent(pk, record, signal) {
          const { rule, multiple, arrival } = record;
          const name = `${rule} ${pk}`;
          if (multiple > 0) sent.set(name, [...(sent.get(name) ?? []), { multiple, arrival }]);
          await store.markSent(pk, record, signal);
        },
      }),
  });
  const records = labelledDay(style)
    .values()
    .flatMap(({ line, arrival }) => wrapLines([line], 'json', arrival * 1000));
  await runFirehose(records, engine.invoke, {
    delivered() {},
    dropped() {},
    failed({ errorMessage }) {
      throw new Error(errorMessage);
    },
  });
  await engine.finish();
  const pairs = new Map((await engine.pairs()).map(({ src, dst, ...numbers }) => [`${src} ${dst}`, numbers]));
  return { sent, pairs };
}

const delays: Record<string, readonly [median: number, largest: number]> = {};
afterAll(() => process.stdout.write(`seconds from direct to journal, median and largest: ${JSON.stringify(delays)}\n`));

describe('a run with a journal', () => {
  it.each(styleNames)(
    'raises the alerts of direct counting within a flush and a minute on the day %s',
    async (style) => {
      const direct = await replayDay(style);
      expect(direct.sent.size).toBeGreaterThan(20);
      for (const flushSeconds of [300, 900]) {
        const journal = await replayDay(style, flushSeconds);
        expect(journal.pairs).toEqual(direct.pairs);
        const late: number[] = [];
        for (const [name, alerts] of direct.sent) {
          for (const { multiple, arrival } of alerts) {
            // The same alert, or one of a higher multiple that a flush found in its place.
            const found = journal.sent.get(name)?.find((one) => one.multiple >= multiple && one.arrival >= arrival);
            expect(found, `${name} ${multiple}`).toBeDefined();
            late.push(found!.arrival - arrival);
          }
        }
        late.sort((a, b) => a - b);
        delays[`${style} ${flushSeconds}`] = [late[late.length >> 1]!, late.at(-1)!];
        expect(late.at(-1)).toBeLessThanOrEqual(flushSeconds + 60);
      }
    },
  );
});
