/**
 * A failure of an invocation, a command or a synth. A problem of one record is a value, not an error (see
 * parse/parse-line.ts and decode/decode-record.ts). Firehose sends the batch again after `LIST_FAILED`,
 * `COUNT_FAILED`, `ALERT_FAILED` and `DEADLINE_NEAR`.
 *
 * - `CONFIG_INVALID`: the environment, a format or a network is invalid; the message lists every problem.
 * - `RULE_INVALID`: a rule file is invalid; the message has the file and the line of every problem.
 * - `EVENT_INVALID`: the event is not a Firehose transformation event, so no valid response exists.
 * - `LIST_FAILED`: a network list that is only in S3 could not be read for the first time.
 * - `COUNT_FAILED`: the counter store did not accept an update.
 * - `ALERT_FAILED`: an alert was not published.
 * - `DEADLINE_NEAR`: the invocation stopped itself, shortly before Lambda's timeout.
 * - `JOURNAL_BROKEN`: something that the journal must hold is missing, so a lane cannot be counted; or a key is left out.
 * - `PAGE_VERSION`: a page of the journal has a format that this release cannot read.
 * - `PAGE_INVALID`: a page of the journal is damaged.
 * - `GEO_TABLE_INVALID`: a table of countries and operators is damaged, or has a format that this release cannot read.
 */
export type FlowErrorCode =
  | 'CONFIG_INVALID'
  | 'RULE_INVALID'
  | 'EVENT_INVALID'
  | 'LIST_FAILED'
  | 'COUNT_FAILED'
  | 'ALERT_FAILED'
  | 'DEADLINE_NEAR'
  | 'JOURNAL_BROKEN'
  | 'PAGE_VERSION'
  | 'PAGE_INVALID'
  | 'GEO_TABLE_INVALID';

/** The only error class of the product. Switch on `code`; the message has the cause, the value got and the remedy. */
export class FlowError extends Error {
  override readonly name = 'FlowError';
  readonly code: FlowErrorCode;
  /** With `COUNT_FAILED`: the partition key of a counter whose update the store refuses at every attempt. */
  readonly refusedKey: string | undefined;

  constructor(code: FlowErrorCode, message: string, options?: { cause?: unknown; refusedKey?: string }) {
    super(message, options);
    this.code = code;
    this.refusedKey = options?.refusedKey;
  }
}

/** Returns the message of a thrown error, or the text of any other thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
