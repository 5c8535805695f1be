import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import { MemoryJournal } from '../../emulators/memory-journal.ts';
import type { Alert } from '../../lambda/alert/alert.ts';
import { defaultMessages } from '../../lambda/config.ts';
import { type FlushMemory, flush } from '../../lambda/flush/flush.ts';
import type { FlushPorts } from '../../lambda/flush/flush-ports.ts';
import type { FlushResult } from '../../lambda/flush/flush-run.ts';
import { type Ports, transform } from '../../lambda/pipeline.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { epoch, eventOf, v2 } from './flows.ts';

const signal = new AbortController().signal;

/** What a test replaces of a process. */
export interface ProcessOptions {
  /** Default: 16. */
  readonly lanes?: number;
  readonly limits?: FlushPorts['limits'];
  readonly messages?: typeof defaultMessages;
}

/** A stack in memory whose batches are put into a journal. The clock moves only when a test moves it. */
export class JournalInMemory {
  readonly counters: MemoryCounterStore;
  readonly journal = new MemoryJournal();
  readonly alertState = new MemoryAlertStateStore();
  readonly sent: Alert[] = [];
  /** Whether the topic takes messages. */
  isTopicUp = true;
  /** In epoch seconds. */
  clock = epoch + 120;
  readonly rules: LoadedRules;
  readonly #options: ProcessOptions;
  readonly #memories = new Map<string, FlushMemory>();
  #attempts = 0;

  constructor(rules: LoadedRules, options: ProcessOptions = {}) {
    this.rules = rules;
    this.counters = new MemoryCounterStore(rules.series);
    this.#options = options;
  }

  /** The ports of a function. */
  get ports(): Ports {
    return {
      counters: this.counters,
      alertState: this.alertState,
      alerts: {
        publish: async (alerts) => {
          if (!this.isTopicUp) return { published: new Set(), problems: ['the topic is down'] };
          this.sent.push(...alerts);
          return { published: new Set(alerts), problems: [] };
        },
      },
      log: { report() {}, alert() {} },
      deadline: signal,
      closing: signal,
    };
  }

  /** Transforms a batch of lines that arrives now. */
  async put(lines: readonly string[], replaced: Partial<Ports> = {}): Promise<void> {
    const { lanes = 16, messages = defaultMessages } = this.#options;
    const journal = { journal: this.journal, lanes, isNotable: () => false, now: () => this.clock };
    const ports = { ...this.ports, journal, ...replaced };
    await transform(eventOf(lines, this.clock), { formats: [v2], rules: this.rules, messages }, ports);
  }

  /** Flushes all lanes now. */
  flush(holder = 'process1', replaced: Partial<FlushPorts> = {}, isForced = true): Promise<FlushResult | undefined> {
    const memory = this.#memories.get(holder) ?? new Map();
    this.#memories.set(holder, memory);
    const { lanes = 16, limits, messages = defaultMessages } = this.#options;
    const settings = {
      rules: this.rules,
      messages,
      origin: { account: undefined, region: undefined },
      everySeconds: 300,
      lanes,
    };
    const ports: FlushPorts = {
      ...this.ports,
      journal: this.journal,
      holder,
      now: () => this.clock,
      leaseUntil: () => this.clock + 360,
      newAttempt: () => {
        this.#attempts += 1;
        return `try${this.#attempts}`;
      },
      lastStart: signal,
      ...(limits && { limits }),
      ...replaced,
    };
    return flush({ index: 0, processes: 1, isForced }, settings, memory, ports);
  }

  /** Returns the bodies of the alerts that were sent. */
  alerts<Body>(): Body[] {
    return this.sent.map(({ body }) => JSON.parse(body) as Body);
  }
}
