import { exitWith, watchStdout } from '../cli/terminal/stdout.ts';
import { runTools } from './program.ts';

watchStdout();
await exitWith(await runTools(process.argv.slice(2)));
