// In plain JavaScript for the reason that bin/flow-sentinel.js has: a thread has no compile cache until it says so.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '../../.cache/compiled'));
await import('./count-worker.ts');
