import { createHandler } from './handler.ts';

/** What Lambda calls. */
export const handler = createHandler(process.env);
