import { getSystemErrorMessage } from 'node:util';
import { run } from '../cli/program.ts';
import { stdoutProblem, watchStdout } from '../cli/standard-output.ts';

watchStdout();
process.exitCode = await run(process.argv.slice(2));
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
const problem = stdoutProblem();
// A reader that has seen enough, such as head, closes the pipe: that is no failure.
if (problem && problem.code !== 'EPIPE') {
  const reason = problem.errno === undefined ? problem.message : getSystemErrorMessage(problem.errno);
  process.stderr.write(`flow-sentinel: standard output cannot be written: ${reason}\n`);
  process.exitCode = 1;
}
