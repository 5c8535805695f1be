import { createNamesHandler } from './names-handler.ts';

/** The handler that Lambda calls with requests for names, from the stream of their table. */
export const handler = createNamesHandler(process.env);
