import { Command } from 'commander';
import { runProgram } from '../cli/program.ts';
import { addTools } from './commands.ts';

/**
 * Runs a command that only this repository has: `npm run chaos`, and other scripts of package.json.
 *
 * @returns the exit code: 0 done, 1 the work found something wrong, 2 wrong usage or unreadable input
 */
export async function runTools(argv: readonly string[]): Promise<number> {
  return runProgram(async () => {
    const program = new Command('node tools/run.ts')
      .description('Commands for developers of flow-sentinel.')
      .exitOverride()
      .showHelpAfterError('See --help for usage.');
    addTools(program);
    return program;
  }, argv);
}
