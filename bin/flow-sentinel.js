#!/usr/bin/env node
import { runTypeScript } from './run-typescript.js';

await runTypeScript('flow-sentinel.ts');
