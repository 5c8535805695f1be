import { type Command, InvalidArgumentError } from 'commander';
import { daySeconds, endOfDay } from '../../lambda/common/calendar.ts';
import type { BuildGeoOptions } from '../geo/build-geo.ts';
import type { ExportGeoOptions } from '../geo/export-geo.ts';
import { CheckFailed } from '../terminal/exit-signals.ts';
import { collect, today } from './option-parsers.ts';

/** Adds the commands for tables of countries and operators. */
export function addGeo(program: Command): void {
  const geo = program
    .command('geo')
    .description('build, show and export a table of the country, operator and AWS Region of addresses')
    .showHelpAfterError('See --help for arguments and options.');
  const json = ['--json', 'output as one JSON document'] as const;
  geo
    .command('build')
    .description('build a table from files that you have downloaded; uses no network')
    .requiredOption(
      '--from <file>',
      'ip2asn-combined.tsv of iptoasn.com or an MMDB file, also as .gz, or - for standard input; repeatable',
      collect,
    )
    .option('--aws <file>', "AWS's ip-ranges.json (default: no Regions and services of AWS)")
    .requiredOption('--out <file>', 'file for the table')
    .option('--date <day>', 'day of the data, such as 2026-11-30 (default: that of the oldest --from)', dayOfData)
    .option(...json)
    .addHelpText('after', buildHelp)
    .action(async (options: BuildGeoOptions) => {
      const { buildGeo } = await import('../geo/build-geo.ts');
      if (!(await buildGeo(options, now()))) throw new CheckFailed();
    });
  geo
    .command('show')
    .description('show what a table is, and what it has of addresses; warns if the data is older than 45 days')
    .argument('<file>', 'table that geo build has written')
    .argument('[address...]', 'IPv4 or IPv6 addresses (default: none)')
    .option(...json)
    .addHelpText('after', '\nExample:\n  $ npx flow-sentinel geo show geo.bin 192.0.2.10 2001:db8::1')
    .action(async (file: string, addresses: string[], options: { readonly json?: boolean }) => {
      const { showGeo } = await import('../geo/show-geo.ts');
      await showGeo(file, addresses, options, now());
    });
  geo
    .command('export')
    .description('write the ranges of a table as tab-separated values, for Athena and DuckDB')
    .argument('<file>', 'table that geo build has written')
    .requiredOption('--out <file>', 'file for the rows; compressed if the name ends with .gz')
    .option(...json)
    .addHelpText('after', '\nExample:\n  $ npx flow-sentinel geo export geo.bin --out geo.tsv.gz')
    .action(async (file: string, options: ExportGeoOptions) => {
      const { exportGeo } = await import('../geo/export-geo.ts');
      await exportGeo(file, options, now());
    });
}

const buildHelp = `
Download the sources first:
  https://iptoasn.com/ has ip2asn-combined.tsv.gz: country and operator of each range, public domain (PDDL)
  https://ip-ranges.amazonaws.com/ip-ranges.json: AWS Regions and services, which AWS publishes without a licence text

MMDB files are those of GeoLite2, DB-IP, IPinfo and others, under the licence that you have from them. Of several
files, the first that knows the country of an address counts, and so for the operator.

The exit code is 1 if lines were left out: the table is written without them.

Examples:
  $ npx flow-sentinel geo build --from ip2asn-combined.tsv.gz --aws ip-ranges.json --out geo.bin
  $ npx flow-sentinel geo build --from ip2asn-combined.tsv.gz --out geo.bin --date 2026-11-30
  $ npx flow-sentinel geo build --from GeoLite2-Country.mmdb --from GeoLite2-ASN.mmdb --out geo.bin`;

/** Returns the current time in epoch seconds. */
function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** Parses a day in UTC that has begun, and returns its first second. */
function dayOfData(text: string): number {
  const end = endOfDay(text);
  if (end === undefined || text > today())
    throw new InvalidArgumentError('expected a day until today, such as 2026-11-30.');
  return end - daySeconds;
}
