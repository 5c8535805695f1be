import { createFlushHandler, type FlushHandler } from './flush-handler.ts';
import { createHandler } from './handler.ts';

/** The handler that Lambda calls with each batch of Firehose. */
export const handler = createHandler(process.env);

let flush: FlushHandler | undefined;

/** The handler that Lambda calls on a schedule in a second function: it counts what batches put into the journal. */
export const flushHandler: FlushHandler = (event, context) => {
  flush ??= createFlushHandler(process.env);
  return flush(event, context);
};
