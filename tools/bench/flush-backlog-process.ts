/** The argument of children/flush-backlog.ts, as JSON. */
export interface FlushBacklogInput {
  /** The address of the journal's table; that of the counters' table is in the environment. */
  readonly journalEndpoint: string;
  readonly tableName: string;
  readonly lanes: number;
  /** The lanes whose number, modulo this, is 0 are flushed. */
  readonly processes: number;
  /** Epoch seconds. */
  readonly now: number;
}

/** The output of children/flush-backlog.ts, as JSON. */
export interface FlushBacklogResult {
  /** The most live memory, after collections of all garbage, and the peak of the process, in MB. */
  readonly live: number;
  readonly peak: number;
  readonly pages: number;
  /** The number of counters that were written, once for each freeze. */
  readonly keys: number;
  /** The sums of what the counters were asked to add. */
  readonly bytes: string;
  readonly rejects: number;
  /** Processor time. */
  readonly seconds: number;
}
