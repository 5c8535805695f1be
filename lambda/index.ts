import { createHandler } from './handler.ts';

/** The handler that Lambda calls. */
export const handler = createHandler(process.env);
