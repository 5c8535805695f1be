import type { Command } from 'commander';

/** What a shell completes after the words of a command. */
export interface Completion {
  /** The names of the command and its parents, such as `rules test`; empty for the program. */
  readonly path: string;
  /** The names of subcommands, or the choices of an argument; files are completed if there are none. */
  readonly operands: readonly string[];
  /** The long options. */
  readonly options: readonly string[];
  /** The values of the options that have a fixed set of them. */
  readonly choices: readonly { readonly option: string; readonly values: readonly string[] }[];
}

/** Lists the completions of a program and all its commands. */
export function completionTable(command: Command, path: readonly string[] = []): Completion[] {
  const { commands } = command;
  const visibleOptions = command.createHelp().visibleOptions(command);
  const own: Completion = {
    path: path.join(' '),
    operands: [
      ...commands.map((one) => one.name()),
      ...command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
    ],
    options: visibleOptions.flatMap(({ long }) => long ?? []),
    choices: visibleOptions.flatMap(({ long, argChoices }) =>
      long && argChoices ? [{ option: long, values: argChoices }] : [],
    ),
  };
  return [own, ...commands.flatMap((one) => completionTable(one, [...path, one.name()]))];
}
