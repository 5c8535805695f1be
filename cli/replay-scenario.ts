import { type DeliveredLine, deliveredLines } from '../events/scenarios/delivery.ts';
import type { Scenario } from '../events/scenarios/scenario.ts';
import { dayStart } from '../events/scenarios/times.ts';
import { defaultMessages } from '../lambda/config.ts';
import type { Alert } from '../lambda/core/alert.ts';
import { type Format, parseFormat } from '../lambda/core/format.ts';
import { transform } from '../lambda/pipeline.ts';
import type { Ports } from '../lambda/ports.ts';
import type { LoadedRules } from '../lambda/sigma/load.ts';
import { logFormat } from '../lib/log-format.ts';
import { runFirehose } from '../local/firehose.ts';
import { type SourceRecord, wrapLines } from '../local/firehose-event.ts';
import { MemoryAlertLedger } from '../local/memory-alert-ledger.ts';
import { MemoryCounterStore } from '../local/memory-counter-store.ts';

/** A rule's alert for one key; one of a digest has the digest's window. Times are epoch seconds. */
export interface RaisedAlert {
  readonly rule: string;
  readonly key: Readonly<Record<string, string>>;
  readonly from: number;
  readonly to: number;
}

/** What came of a scenario. */
export interface Replay {
  readonly records: number;
  readonly alerts: readonly RaisedAlert[];
}

/**
 * Sends the lines of a scenario through a delivery stream with the very pipeline behind it, counters in memory.
 *
 * @param progress is told now and then how much of the labelled day is over, from 0 to 1
 * @throws Error when a line could not be read or a batch was given up: then the numbers would mean nothing
 */
export async function replayScenario(
  scenario: Scenario,
  rules: LoadedRules,
  progress: (part: number) => void = () => {},
): Promise<Replay> {
  const formats = [parseFormat(logFormat) as Format];
  const alerts: RaisedAlert[] = [];
  const ports: Ports = {
    counters: new MemoryCounterStore(rules.series),
    alerts: {
      async publish(published) {
        alerts.push(...published.flatMap(raisedBy));
        return { published: new Set(published), problems: [] };
      },
    },
    ledger: new MemoryAlertLedger(),
    log: {
      report() {},
      alert(alert) {
        alerts.push(...raisedBy(alert));
      },
    },
    deadline: new AbortController().signal,
    closing: new AbortController().signal,
  };
  let records = 0;
  await runFirehose(
    sourceOf(deliveredLines(scenario), progress),
    (event) => transform(event, { formats, rules, messages: defaultMessages }, ports),
    {
      delivered() {
        records += 1;
      },
      dropped() {},
      failed({ errorMessage, rawData }) {
        throw new Error(`${scenario.style.name}: ${errorMessage}: ${Buffer.from(rawData, 'base64').toString().trim()}`);
      },
    },
  );
  return { records, alerts };
}

function* sourceOf(lines: Iterable<DeliveredLine>, progress: (part: number) => void): Generator<SourceRecord> {
  let told = dayStart;
  for (const { line, arrival } of lines) {
    if (arrival > told + 600) {
      progress(Math.min(1, (arrival - dayStart) / 86_400));
      told = arrival;
    }
    yield* wrapLines([line], 'json', arrival * 1000);
  }
}

/** The keys that an alert names: its own, or all that a digest lists. A note of an end names none. */
function raisedBy({ body }: Alert): RaisedAlert[] {
  const { rule, key, window, digest, ended } = JSON.parse(body) as {
    readonly ended: boolean;
    readonly rule: string;
    readonly key: Record<string, string>;
    readonly window: { readonly from: number; readonly to: number };
    readonly digest?: { readonly keys: readonly { readonly key: Record<string, string> }[] };
  };
  if (ended) return [];
  const keys = digest ? digest.keys.map((one) => one.key) : [key];
  return keys.map((one) => ({ rule, key: one, ...window }));
}
