/**
 * What can go wrong for a whole invocation, command or synth. What is wrong with one record is a value, not an error
 * (see parse/parse-line.ts and decode/decode-record.ts).
 *
 * - `CONFIG_INVALID`: environment, formats, networks: every problem is listed in the message.
 * - `RULE_INVALID`: a rule file: the message names file and line of every problem.
 * - `EVENT_INVALID`: not a Firehose transformation event; no answer to it can be right.
 * - `LIST_FAILED`: a list of networks that is only in S3 was not read for the first time; the batch must come again.
 * - `COUNT_FAILED`: the counter store did not take an update; the batch must come again.
 * - `ALERT_FAILED`: an alert was not published; the batch must come again.
 * - `DEADLINE_NEAR`: the invocation gave up in good time before Lambda would have stopped it; the batch must come again.
 */
export type FlowErrorCode =
  | 'CONFIG_INVALID'
  | 'RULE_INVALID'
  | 'EVENT_INVALID'
  | 'LIST_FAILED'
  | 'COUNT_FAILED'
  | 'ALERT_FAILED'
  | 'DEADLINE_NEAR';

/** The one error class of this program. Switch on `code`; `message` says what happened, the value got, what to do. */
export class FlowError extends Error {
  override readonly name = 'FlowError';
  readonly code: FlowErrorCode;

  constructor(code: FlowErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The text of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
