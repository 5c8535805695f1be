import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { createProgram } from '../../../cli/program.ts';
import { addTools } from '../../../tools/commands.ts';
import { type ShellCommand, shellCommands } from './shell-commands.ts';

export const root = join(import.meta.dirname, '../../..');

/** The scripts of package.json. */
export const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** A command that a page, a help text or an output shows. */
export interface PrintedCommand extends ShellCommand {
  /** File or command that shows it, for messages. */
  readonly where: string;
  /** Whether it is shown to be run as it is; inline code may only mention a command. */
  readonly isComplete: boolean;
}

/** The programs whose commands are checked. */
const programs = ['npx', 'npm', 'aws', 'git', '.ci/run', 'flow-sentinel'];

/** The beginning of a command in inline code or in a line of output. */
const begin = String.raw`(?:\w+=\S+ )*(?:npx [a-z]|npm (?:run|ci|test)\b|aws [a-z][a-z0-9-]* [a-z]|git [a-z]|\.ci/run)`;
const inlineCommand = new RegExp(`^(?:time )?${begin}`);
const outputCommand = /(?<![\w`])(?:\w+=\S+ )*(?:npx (?:flow-sentinel|cdk|vitest)|npm run(?: -s)?) [a-z].*/;

/** Pages whose commands are history: the old names of commands. */
const history = ['CHANGELOG.md', 'docs/contributing/moved.md'];

/** Returns the commands of all pages. */
export function commandsOfPages(): PrintedCommand[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'];
  const pages = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
  return pages
    .filter((page) => !history.includes(page))
    .flatMap((page) => commandsOfPage(page, readFileSync(join(root, page), 'utf8')));
}

/** Returns the commands in the code of a page: in blocks of shell, in blocks of output, and in inline code. */
export function commandsOfPage(where: string, page: string): PrintedCommand[] {
  const block = /^( *)```(\w*)\n([\s\S]*?)^ *```$/gm;
  const blocks = [...page.matchAll(block)].flatMap(([, , language, body = '']) => {
    if (language === 'sh') return commandsOf(where, body, true);
    return language === '' || language === 'text' ? commandsInOutput(where, body) : [];
  });
  const inline = [...page.replace(block, '').matchAll(/(`+)(.+?)\1/g)]
    .map(([, , code]) => code!.trim().replaceAll('\\|', '|'))
    .filter((code) => inlineCommand.test(code))
    .flatMap((code) => commandsOf(where, code, false));
  return [...blocks, ...inline];
}

/** Returns the commands in the lines of an output, such as an e-mail. A command ends with its line. */
export function commandsInOutput(where: string, output: string): PrintedCommand[] {
  return output.split('\n').flatMap((line) => {
    const found = outputCommand.exec(line.replace(/(?:\. .*|[.)])$/, ''));
    return found ? commandsOf(where, found[0], true) : [];
  });
}

function commandsOf(where: string, script: string, isComplete: boolean): PrintedCommand[] {
  return shellCommands(script)
    .filter(({ words }) => programs.includes(words[0]!))
    .map((command) => ({ ...command, where, isComplete }));
}

/** The commands of a program with their paths, such as `hunt host`; the program itself has an empty path. */
export function commandTree(program: Command): { readonly path: string; readonly command: Command }[] {
  const walk = (command: Command, path: string): { path: string; command: Command }[] => [
    { path, command },
    ...command.commands.flatMap((child) => walk(child, `${path} ${child.name()}`.trim())),
  ];
  return walk(program, '');
}

/** Returns the complete program of the tools of this repository. */
export function createTools(): Command {
  const program = new Command('node tools/run.ts').exitOverride();
  addTools(program);
  return program;
}

/** Returns the commands in the examples of each help text. */
export async function commandsOfHelp(): Promise<PrintedCommand[]> {
  return [...commandTree(await createProgram(undefined)), ...commandTree(createTools())].flatMap(
    ({ path, command }) => {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      const [, ...examples] = help.split(/^ {2}\$ /m);
      return examples.flatMap((example) => commandsOf(`${path} --help`, example, true));
    },
  );
}
