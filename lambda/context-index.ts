import { createContextFollowUps } from './context-follow-ups.ts';
import { createContextHandler } from './context-handler.ts';

/** The handler that Lambda calls with context events, from their queue. */
export const handler = createContextHandler(process.env, undefined, createContextFollowUps(process.env));
