#!/usr/bin/env node
import '../cli/terminal/compile-cache.js';

// Not a static import: that would be loaded before the cache is there.
await import('./flow-sentinel.ts');
