import type { Command } from 'commander';

/** Adds `--names`, for the commands that name addresses. */
export function withNames(command: Command): Command {
  return command.option(
    '--names <path>',
    'folder of "collect", or file of "aws ec2 describe-network-interfaces": names the addresses (default: no names)',
  );
}
