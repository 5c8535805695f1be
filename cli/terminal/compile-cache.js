// Stripped and compiled code of the program is kept in the project: a fifth of a second of each start. Where the folder
// cannot be written, it starts without. In plain JavaScript, so that Node.js need not load what strips types before it looks
// there; and each thread must say so for itself.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '../../.cache/compiled'));
