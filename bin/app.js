import { runTypeScript } from './run-typescript.js';

await runTypeScript('app.ts');
