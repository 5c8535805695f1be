declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Creates an in-process DynamoDB server that stores its data in memory. */
  export default function dynalite(options?: { createTableMs?: number; deleteTableMs?: number }): Server;
}
