import { type Command, Option } from 'commander';
import type { Hunt } from '../../lib/queries/hunts/hunt.ts';
import { hunts } from '../../lib/queries/hunts/hunts.ts';
import type { HuntFindingOptions } from '../hunt/finding/hunt-finding.ts';
import type { HuntOptions, NamedHuntOptions, SqlOptions } from '../hunt/hunt.ts';
import type { ShellOptions } from '../hunt/shell/shell.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { withMonitoredNetworks } from './monitored-network-options.ts';
import { collect, positiveInteger, timespanSeconds } from './option-parsers.ts';
import { rangeStart, withTimeRange } from './time-range-options.ts';

/** Adds the commands that query flow log files: each predefined hunt, and SQL of the user. */
export function addHunt(program: Command): void {
  const hunt = program
    .command('hunt')
    .description('query flow log files with predefined hunts or your own SQL')
    .showHelpAfterError('See --help for arguments and options.')
    .addHelpText('after', examples(overview));
  hunt
    .command('list')
    .description('list the predefined hunts')
    .option('--json', 'output as one JSON document')
    .action(async (options: { json?: boolean }) => {
      const { listHunts } = await import('../hunt/list-hunts.ts');
      await listHunts(options);
    });
  for (const one of hunts) addNamedHunt(hunt, one);
  addFinding(hunt);
  addShell(hunt);
  addExport(hunt);
  withOptions(
    withTables(
      hunt
        .command('sql')
        .description('query with your own SQL the table vpc_flow_logs, which has the fields that AWS documents')
        .argument('<query>', 'one read-only statement in DuckDB SQL')
        .argument(...paths),
    ),
  )
    .addHelpText('after', sqlHelp)
    .action(async (query: string, given: string[], options: SqlOptions) => {
      const { runSql } = await import('../hunt/hunt.ts');
      await untilInterrupted((signal) => runSql(query, given, options, signal));
    });
  addCache(hunt);
}

function addCache(hunt: Command): void {
  const cache = hunt
    .command('cache')
    .description('manage the databases that hunt has made of flow log files')
    .addHelpText('after', examples(['hunt cache list', 'hunt cache clear']));
  cache
    .command('list')
    .description('list the databases of the cache')
    .option('--json', 'output as one JSON document')
    .action(async (options: { json?: boolean }) => {
      const { listCache } = await import('../hunt/cache/cache-commands.ts');
      await listCache(options);
    });
  cache
    .command('clear')
    .description('remove all databases of the cache')
    .option('--json', 'output as one JSON document')
    .action(async (options: { json?: boolean }) => {
      const { emptyCache } = await import('../hunt/cache/cache-commands.ts');
      await emptyCache(options);
    });
}

function addFinding(hunt: Command): void {
  const command = hunt
    .command('finding')
    .description(
      'answer GuardDuty findings with flows: how much was sent, whether it continues, and which other hosts have the address',
    )
    .argument(
      '<file>',
      'file of findings, as EventBridge, the export to S3 or "aws guardduty get-findings" writes them',
    )
    .argument(...paths)
    .option('--id <id>', 'id of a finding to answer; repeatable (default: the 20 most severe)', collect)
    .option('--sample-findings', 'answer sample findings too')
    .option(
      '--names <path>',
      'folder of "collect", or file of "aws ec2 describe-network-interfaces": names the addresses (default: no names)',
    )
    .option('--geo <file>', 'table of "geo build": country and operator of outside addresses (default: no table)');
  withDatabaseOptions(command)
    .addOption(new Option('--json', 'output as one JSON array, one object for each finding').conflicts('csv'))
    .addOption(new Option('--csv', 'output as CSV, one row for each pair of addresses').conflicts('json'))
    .addHelpText('after', examples(['hunt finding findings.json flow-logs/ --names names']))
    .action(async (file: string, given: string[], options: HuntFindingOptions) => {
      const { huntFinding } = await import('../hunt/finding/hunt-finding.ts');
      await untilInterrupted((signal) => huntFinding(file, given, options, signal));
    });
}

function addShell(hunt: Command): void {
  const command = hunt
    .command('shell')
    .description('ask many questions about flow log files, typed at a terminal or from a pipe')
    .argument('<path...>', 'flow log files, folders or s3:// URIs');
  withLimit(withDatabaseOptions(withTables(command)))
    .addOption(new Option('--json', 'output of all rows as JSON arrays').conflicts('csv'))
    .addOption(new Option('--csv', 'output of all rows as CSV').conflicts('json'))
    .addHelpText('after', shellHelp)
    .action(async (given: string[], options: ShellOptions) => {
      const { runShell } = await import('../hunt/shell/shell.ts');
      await untilInterrupted((signal) => runShell(given, options, signal));
    });
}

function addExport(hunt: Command): void {
  const command = hunt
    .command('export')
    .description('write all flows to one file, with the columns of the lake')
    .argument(...paths)
    .requiredOption('--output <file>', 'file for the flows, with the extension .parquet, .csv or .json');
  withDatabaseOptions(command)
    .addHelpText('after', examples(['hunt export flow-logs/ --output flows.parquet']))
    .action(async (given: string[], options: HuntOptions & { readonly output: string }) => {
      const { runExport } = await import('../hunt/hunt.ts');
      await untilInterrupted((signal) => runExport(given, options, signal));
    });
}

function withTables(command: Command): Command {
  return command
    .option(
      '--table <name=file>',
      'file of yours as a further table: CSV with a header, JSON or Parquet; repeatable (default: none)',
      collect,
    )
    .option(
      '--names <path>',
      'folder of "collect", or file of "aws ec2 describe-network-interfaces", as the table names (default: none)',
    )
    .option('--geo <file>', 'table of "geo build", for the functions country_of, asn_of and others (default: no table)')
    .option(
      '--dns <path>',
      'folder or file of query logs of Route 53 Resolver, or of dns.log of Zeek, as the table dns; repeatable (default: none)',
      collect,
    );
}

const paths = ['<path...>', 'flow log files, folders or s3:// URIs; - for standard input'] as const;

function addNamedHunt(parent: Command, hunt: Hunt): void {
  const command = parent.command(hunt.name).description(hunt.description).summary(firstWords(hunt.description));
  for (const { name, description } of hunt.parameters) command.argument(`<${name}>`, description);
  command
    .argument(...paths)
    .option('--top <n>', 'maximum number of rows of the result', positiveInteger, 1000)
    .option(
      '--days <n>',
      'number of days of 24 hours to query, up to the end of the last flow (default: all flows)',
      positiveInteger,
    );
  if (hunt.option !== undefined) command.addOption(ownOptions[hunt.option]());
  withOptions(command)
    .addHelpText('after', examples([exampleOf(hunt)]))
    .action(async (...given: unknown[]) => {
      const { runHunt } = await import('../hunt/hunt.ts');
      const addresses = given.slice(0, hunt.parameters.length) as string[];
      const [files, options] = given.slice(hunt.parameters.length) as [string[], NamedHuntOptions];
      await untilInterrupted((signal) => runHunt(hunt, addresses, files, options, signal));
    });
}

/** The options that only some hunts have. */
const ownOptions: Readonly<Record<NonNullable<Hunt['option']>, () => Option>> = {
  interval: () =>
    new Option('--interval <time>', 'length of an interval, such as 5m or 1d')
      .argParser(timespanSeconds)
      .default(timespanSeconds('1h'), '1h'),
  gap: () =>
    new Option('--gap <time>', 'longest pause within a connection, such as 10m or 2h')
      .argParser(timespanSeconds)
      .default(timespanSeconds('30m'), '30m'),
  since: () =>
    new Option(
      '--since <time>',
      'day or time in UTC from which targets are new (default: 24 hours before the end of the last flow)',
    ).argParser(rangeStart),
};

const ownExamples: Readonly<Record<NonNullable<Hunt['option']>, string>> = {
  interval: '--interval 5m',
  gap: '--gap 10m',
  since: '--since 2026-11-24',
};

/** Returns the text before the first full stop or colon, for a list of commands. */
function firstWords(description: string): string {
  return description.replace(/[.:].*$/s, '');
}

function withOptions(command: Command): Command {
  return withLimit(withDatabaseOptions(command))
    .addOption(new Option('--json', 'output of all rows as one JSON array').conflicts(['csv', 'output']))
    .addOption(new Option('--csv', 'output of all rows as CSV').conflicts(['json', 'output']))
    .option('--output <file>', 'file for all rows, with the extension .parquet, .csv or .json');
}

/** Adds the options that decide which flows are in the database, and where it is. */
function withDatabaseOptions(command: Command): Command {
  return withMonitoredNetworks(withTimeRange(command))
    .option('--networks <file>', 'file of named networks (default: rules/networks.yml)')
    .option(
      '--format <fields>',
      'flow log format of files without a header, as AWS writes it or as field names; repeatable (default: the AWS default format)',
      collect,
    )
    .option(
      '--keep <file>',
      'file for the database of the flows, which is used again while the logs are the same (default: a cache of the latest databases)',
    )
    .option('--no-cache', 'load the flows again, without the cache');
}

function withLimit(command: Command): Command {
  return command.option('--limit <n>', 'maximum number of rows shown in a table', positiveInteger, 1000);
}

function exampleOf({ name, parameters, option }: Hunt): string {
  const addresses = ['10.0.1.5', '198.51.100.7'].slice(0, parameters.length);
  return ['hunt', name, ...addresses, 'flow-logs/', option === undefined ? '--top 20' : ownExamples[option]].join(' ');
}

const overview = [
  'hunt list',
  'hunt exfiltration flow-logs/ --top 20',
  'hunt host 10.0.1.5 flow-logs/ yesterday.log.gz',
  'hunt pair 10.0.1.5 198.51.100.7 flow-logs/ --json',
  'hunt finding findings.json flow-logs/ --names names',
  `hunt sql "SELECT srcAddr, COUNT(*) AS flows FROM vpc_flow_logs GROUP BY srcAddr" flow-logs/`,
  'hunt shell flow-logs/',
  'hunt export flow-logs/ --output flows.parquet',
];

function examples(commands: readonly string[]): string {
  const lines = commands.map((command) => `  $ npx flow-sentinel ${command}`);
  return [`\nExample${commands.length === 1 ? '' : 's'}:`, ...lines].join('\n');
}

const shellHelp = `
Statements are SQL as for hunt sql, and end with a semicolon. A line that begins with a dot is a command: .help, .hunts,
.hunt NAME, .tables, .lists, .output FILE, .quit. Tab completes names, and Ctrl-C interrupts a statement. From a pipe, the
exit code is 1 if a statement failed.

Examples:
  $ npx flow-sentinel hunt shell flow-logs/
  $ npx flow-sentinel hunt shell flow-logs/ --csv < questions.sql`;

const sqlHelp = `
Fields have the names that AWS documents, in lower or upper case, with - or _: srcAddr, dstAddr, account-id, tcp_flags.
start and end need no quotes. A field that is not in the format is null. Two fields are added: day, the UTC day on which the
flow ended, such as '2026-11-24', and counted, true if the flow is part of its pair's counter. The query of an alert runs
unchanged.
The table unreadable_lines has the lines that could not be read, and named_networks has the networks of the rules.
  in_network(srcAddr, '10.0.0.0/8')                    true if an IPv4 or IPv6 address is in a network
  network_of('suspicious_ranges', srcAddr, start)      the network of a named list that contains the address
  from_unixtime(start)                                 the time of epoch seconds
--table adds a table of texts. If it has a column network, cidr or address, network_of('NAME', dstAddr, start) finds the
smallest network or address that contains an address.

Rejected sources:
  $ npx flow-sentinel hunt sql "SELECT srcAddr, dstAddr, action, bytes, start, end FROM vpc_flow_logs
      WHERE action = 'REJECT' AND srcAddr LIKE '203.%'" flow-logs/
Pairs with more than 100 MB:
  $ npx flow-sentinel hunt sql "SELECT srcAddr, dstAddr, SUM(bytes) AS total_bytes FROM vpc_flow_logs
      WHERE action = 'ACCEPT' GROUP BY srcAddr, dstAddr HAVING total_bytes > 100000000" flow-logs/
Internal traffic:
  $ npx flow-sentinel hunt sql "SELECT srcAddr, dstAddr, protocol, bytes, start, end FROM vpc_flow_logs
      WHERE srcAddr LIKE '10.0.%' AND dstAddr LIKE '10.0.%'" flow-logs/
Bytes by owner, from your own list of addresses or networks:
  $ npx flow-sentinel hunt sql "SELECT owner, SUM(bytes) AS total_bytes FROM vpc_flow_logs
      JOIN assets ON assets.network = network_of('assets', srcAddr, start) GROUP BY owner" flow-logs/ --table assets=assets.csv
Failed attempts:
  $ npx flow-sentinel hunt sql "SELECT srcAddr, dstAddr, COUNT(*) AS failed_attempts FROM vpc_flow_logs
      WHERE action = 'REJECT' GROUP BY srcAddr, dstAddr HAVING failed_attempts > 10" flow-logs/ --output failed.csv`;
