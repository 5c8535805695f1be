import type { Command } from 'commander';
import { collect } from './option-parsers.ts';

/** Adds `--names`, `--geo` and `--dns`, for the commands that say who has an address, where it leads and how hosts name it. */
export function withSources(command: Command): Command {
  return command
    .option(
      '--names <path>',
      'folder of "collect", or file of "aws ec2 describe-network-interfaces": names the addresses (default: no names)',
    )
    .option('--geo <file>', 'table of "geo build": country and operator of outside addresses (default: no table)')
    .option(
      '--dns <path>',
      'folder or file of query logs of Route 53 Resolver, or of dns.log of Zeek: names that hosts asked for; repeatable (default: no queries)',
      collect,
    );
}
