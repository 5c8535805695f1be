import { type Command, Option } from 'commander';
import { type Hunt, hunts } from '../../lib/queries/hunts/hunts.ts';
import type { HuntOptions, NamedHuntOptions } from '../hunt/hunt.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { collect, positiveInteger, timespanSeconds } from './option-parsers.ts';

/** The commands that ask flow log files: the ready hunts, each a command, and SQL of one's own. */
export function addHunt(program: Command): void {
  const hunt = program
    .command('hunt')
    .description('ask flow log files what one hunts for: by ready hunts, or by SQL of your own')
    .showHelpAfterError('See --help for what it takes.')
    .addHelpText('after', examples(overview));
  hunt
    .command('list')
    .description('list the ready hunts')
    .option('--json', 'print one JSON document')
    .action(async (options: { json?: boolean }) => {
      const { listHunts } = await import('../hunt/hunt.ts');
      await listHunts(options);
    });
  for (const one of hunts) addNamed(hunt, one);
  withOptions(
    hunt
      .command('sql')
      .description('ask by SQL of your own, on the table vpc_flow_logs with the fields that AWS documents')
      .argument('<query>', 'one statement that reads, in the SQL of DuckDB')
      .argument(...paths),
  )
    .addHelpText('after', sqlHelp)
    .action(async (query: string, given: string[], options: HuntOptions) => {
      const { runSql } = await import('../hunt/hunt.ts');
      await untilInterrupted((signal) => runSql(query, given, options, signal));
    });
}

const paths = ['<path...>', 'flow log files, folders of them, or s3:// addresses'] as const;

function addNamed(parent: Command, hunt: Hunt): void {
  const command = parent.command(hunt.name).description(hunt.description).summary(firstWords(hunt.description));
  for (const { name, description } of hunt.parameters) command.argument(`<${name}>`, description);
  command
    .argument(...paths)
    .option('--top <n>', 'the most rows', positiveInteger, 1000)
    .option('--days <n>', 'only as many of the last days that the files have; all for none', positiveInteger);
  if (hunt.isByTime) {
    command.addOption(
      new Option('--interval <time>', 'such as 5m or 1d')
        .argParser(timespanSeconds)
        .default(timespanSeconds('1h'), '1h'),
    );
  }
  withOptions(command)
    .addHelpText('after', examples([exampleOf(hunt)]))
    .action(async (...given: unknown[]) => {
      const { runHunt } = await import('../hunt/hunt.ts');
      const addresses = given.slice(0, hunt.parameters.length) as string[];
      const [files, options] = given.slice(hunt.parameters.length) as [string[], NamedHuntOptions];
      await untilInterrupted((signal) => runHunt(hunt, addresses, files, options, signal));
    });
}

/** What stands before the first stop, for a list of commands. */
function firstWords(description: string): string {
  return description.replace(/[.:].*$/s, '');
}

function withOptions(command: Command): Command {
  return command
    .option('--networks <file>', 'named networks, instead of rules/networks.yml')
    .option(
      '--format <fields>',
      'the flow log format of files without a header, as AWS writes it or as field names; once for each',
      collect,
    )
    .option('--limit <n>', 'the most rows that are shown in a table', positiveInteger, 1000)
    .addOption(new Option('--json', 'print all rows as one JSON array').conflicts(['csv', 'output']))
    .addOption(new Option('--csv', 'print all rows as CSV').conflicts(['json', 'output']))
    .option('--output <file>', 'write all rows to a file that ends in .parquet, .csv or .json');
}

function exampleOf({ name, parameters, isByTime }: Hunt): string {
  const addresses = ['10.0.1.5', '198.51.100.7'].slice(0, parameters.length);
  return ['hunt', name, ...addresses, 'flow-logs/', ...(isByTime ? ['--interval 5m'] : ['--top 20'])].join(' ');
}

const overview = [
  'hunt list',
  'hunt exfiltration flow-logs/ --top 20',
  'hunt host 10.0.1.5 flow-logs/ yesterday.log.gz',
  'hunt pair 10.0.1.5 198.51.100.7 flow-logs/ --json',
  `hunt sql "SELECT srcAddr, COUNT(*) AS flows FROM vpc_flow_logs GROUP BY srcAddr" flow-logs/`,
];

function examples(commands: readonly string[]): string {
  const lines = commands.map((command) => `  $ flow-sentinel ${command}`);
  return [`\nExample${commands.length === 1 ? '' : 's'}:`, ...lines].join('\n');
}

const sqlHelp = `
Every field has its name as AWS documents it, in small or capital letters, with - or _: srcAddr, dstAddr, account-id,
tcp_flags; start and end need no quotes. A field that the format does not have is null. Besides: day, when it arrived, such
as '2026-11-24'; counted, whether it is part of its pair's counter. The query of an alert runs as it is.
Lines that could not be read are in unreadable_lines, the networks of the rules in named_networks.
  in_network(srcAddr, '10.0.0.0/8')                    whether an address lies in a network, of IPv6 too
  network_of('suspicious_ranges', srcAddr, start)      the network of a named list that holds it
  from_unixtime(start)                                 a time

Who was rejected:
  $ flow-sentinel hunt sql "SELECT srcAddr, dstAddr, action, bytes, start, end FROM vpc_flow_logs
      WHERE action = 'REJECT' AND srcAddr LIKE '203.%'" flow-logs/
Pairs with more than 100 MB:
  $ flow-sentinel hunt sql "SELECT srcAddr, dstAddr, SUM(bytes) AS total_bytes FROM vpc_flow_logs
      WHERE action = 'ACCEPT' GROUP BY srcAddr, dstAddr HAVING total_bytes > 100000000" flow-logs/
What goes on inside:
  $ flow-sentinel hunt sql "SELECT srcAddr, dstAddr, protocol, bytes, start, end FROM vpc_flow_logs
      WHERE srcAddr LIKE '10.0.%' AND dstAddr LIKE '10.0.%'" flow-logs/
Failed attempts:
  $ flow-sentinel hunt sql "SELECT srcAddr, dstAddr, COUNT(*) AS failed_attempts FROM vpc_flow_logs
      WHERE action = 'REJECT' GROUP BY srcAddr, dstAddr HAVING failed_attempts > 10" flow-logs/ --output failed.csv`;
