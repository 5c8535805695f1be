import '../terminal/compile-cache.js';

await import('./count-worker.ts');
