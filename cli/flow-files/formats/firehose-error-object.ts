/** A record of an error object. */
export interface FailedRecord {
  /** The unchanged line of the object. */
  readonly line: string;
  /** The unchanged payload, in base64. */
  readonly data: string;
  /** Arrival at Firehose, in epoch milliseconds; 0 if unknown. */
  readonly arrival: number;
}

/** A batch that Firehose gave up, with the last error. */
export interface GivenUpBatch {
  readonly records: readonly FailedRecord[];
  readonly reason: string;
}

/** The content of an object under the error prefix. */
export interface ErrorObject {
  /** Records that the function returned as failed: unreadable, or counted and over the limit of the response. */
  readonly answered: readonly FailedRecord[];
  readonly batches: readonly GivenUpBatch[];
  /** Lines that are not records of Firehose. */
  readonly unknown: readonly string[];
}

/**
 * The error code of a single record (Firehose Developer Guide, "Data transformation failure handling"). Other codes with
 * `Lambda.` are about the invocation, such as `Lambda.FunctionError`, `Lambda.FunctionTimedOut` and
 * `Lambda.InvokeAccessDenied` ("Monitor with CloudWatch Logs"). Codes without it are of a later stage, such as
 * partitioning, after the function's response.
 */
const recordErrorCode = 'Lambda.ProcessingFailedStatus';

/**
 * Parses an object that Firehose wrote under the error prefix: JSON objects, with or without line breaks between them.
 * Records with the same error and end of the last attempt belong to one batch, and are taken to be in its order. Never
 * throws.
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
  return errorCode.startsWith('Lambda.') && errorCode !== recordErrorCode;
}

/** Parses one object. The guide shows numbers as texts, published objects have numbers: both are accepted. */
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
