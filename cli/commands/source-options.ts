import type { Command } from 'commander';

/** Adds `--names` and `--geo`, for the commands that say who has an address and where it leads. */
export function withSources(command: Command): Command {
  return command
    .option(
      '--names <path>',
      'folder of "collect", or file of "aws ec2 describe-network-interfaces": names the addresses (default: no names)',
    )
    .option('--geo <file>', 'table of "geo build": country and operator of outside addresses (default: no table)');
}
