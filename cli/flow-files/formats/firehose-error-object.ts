/** A record as it stands in an error object. */
export interface FailedRecord {
  /** The line of the object, to be written as it was. */
  readonly line: string;
  /** The payload in base64, as it came. */
  readonly data: string;
  /** When Firehose took it in, in epoch milliseconds; 0 when the line does not say. */
  readonly arrival: number;
}

/** A batch that Firehose gave up, with the last reason. */
export interface GivenUpBatch {
  readonly records: readonly FailedRecord[];
  readonly reason: string;
}

/** What an object under the error prefix holds. */
export interface ErrorObject {
  /** Records that the function answered as failed: unreadable, or counted and without room in the answer. */
  readonly answered: readonly FailedRecord[];
  readonly batches: readonly GivenUpBatch[];
  /** Lines that are no records of Firehose's. */
  readonly unknown: readonly string[];
}

/**
 * What Firehose says of a single record. Any other code of Lambda's is about the invocation: `Lambda.FunctionError`,
 * `Lambda.FunctionTimedOut`, `Lambda.InvokeAccessDenied` and others (Firehose Developer Guide, "Data transformation failure
 * handling" and "Monitor with CloudWatch Logs"). A code that is not Lambda's is of a later stage, such as partitioning:
 * the function had answered by then.
 */
const ofOneRecord = 'Lambda.ProcessingFailedStatus';

/**
 * Reads an object that Firehose wrote under the error prefix: JSON, a line each, or one after the other without a line
 * break. The records of a batch that was given up are taken to stand in their order, and tell by the time at which the last
 * try ended that they belong together. Never throws.
 */
export function readErrorObject(text: string): ErrorObject {
  const answered: FailedRecord[] = [];
  const unknown: string[] = [];
  const batches = new Map<string, { records: FailedRecord[]; reason: string }>();
  for (const line of text.split(/\r?\n|(?<=\})(?=\{"(?:attemptsMade|rawData)":)/)) {
    if (line.trim() === '') continue;
    const read = readLine(line);
    if (!read) unknown.push(line);
    else if (!isOfInvocation(read.errorCode)) answered.push(read.record);
    else {
      const batch = batches.get(read.identity) ?? { records: [], reason: read.reason };
      batch.records.push(read.record);
      batches.set(read.identity, batch);
    }
  }
  return { answered, unknown, batches: [...batches.values()] };
}

function isOfInvocation(errorCode: string): boolean {
  return errorCode.startsWith('Lambda.') && errorCode !== ofOneRecord;
}

/** The guide shows numbers as texts, and objects that people show have them as numbers: both are read. */
function readLine(line: string) {
  const value = parsed(line) as Record<string, unknown> | null | undefined;
  const { rawData, errorCode, errorMessage, arrivalTimestamp, attemptsMade, attemptEndingTimestamp } = value ?? {};
  if (typeof rawData !== 'string' || errorCode === undefined) return undefined;
  const arrival = Number(arrivalTimestamp);
  return {
    record: { line, data: rawData, arrival: Number.isSafeInteger(arrival) && arrival > 0 ? arrival : 0 },
    errorCode: String(errorCode),
    reason: `${String(errorCode)}: ${String(errorMessage ?? '')}`,
    identity: JSON.stringify([errorCode, errorMessage, attemptsMade, attemptEndingTimestamp]),
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
