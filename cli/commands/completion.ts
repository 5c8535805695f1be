import { Argument, type Command } from 'commander';
import { completionScript, type Shell, shells } from '../completion/completion-script.ts';
import { completionTable } from '../completion/completion-table.ts';

/**
 * Adds the command that prints a script for the completion of commands and options.
 *
 * @param createAll defines the program with all commands
 */
export function addCompletion(program: Command, createAll: () => Promise<Command>): void {
  program
    .command('completion')
    .description('print a script with which a shell completes commands and options')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addHelpText(
      'after',
      [
        '\nTo complete in each new shell of bash, save the script, and source the file in ~/.bashrc:',
        '  $ npx flow-sentinel completion bash > ~/.flow-sentinel-completion.bash',
        'For zsh, source it in ~/.zshrc. For fish, save it in ~/.config/fish/completions/npx.fish.',
      ].join('\n'),
    )
    .action(async (shell: Shell) => {
      process.stdout.write(completionScript(shell, completionTable(await createAll())));
    });
}
