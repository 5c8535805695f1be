#!/usr/bin/env node
// In plain JavaScript, so that Node.js need not load what strips types before it looks into the cache: stripped and compiled
// code of the program, a fifth of a second of each start. Where the folder cannot be written, it starts without.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '../.cache/compiled'));
await import('./flow-sentinel.ts');
