import '../compile-cache.js';

await import('./count-worker.ts');
