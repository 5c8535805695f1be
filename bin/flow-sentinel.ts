import { run } from '../cli/program.ts';
import { exitWith, watchStdout } from '../cli/terminal/stdout.ts';

watchStdout();
await exitWith(await run(process.argv.slice(2)));
