import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { epoch, lineOf } from '../support/flows.ts';
import { mmdbFile } from '../support/mmdb-file.ts';
import {
  commandsInOutput,
  commandsOfHelp,
  commandsOfPages,
  type PrintedCommand,
  root,
  scripts,
} from '../support/printed/collect-commands.ts';
import { type Outcome, run } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { byTier, isNightly } from '../support/tier.ts';

const before = process.cwd();
afterAll(() => process.chdir(before));

/** Runs the words of a command, with an option that keeps the command away from AWS and from the rules of the repository. */
async function runWords(words: readonly string[]): Promise<Outcome> {
  const args = [...words];
  const readsTable = args[0] === 'pairs' || args[0] === 'alerts';
  if (readsTable && !args.includes('--local')) args.push('--local', 'counters');
  if (args[0] === 'rules' && !args.includes('--rules')) args.push('--rules', 'my-rules');
  return run(...args);
}

/** The words after `npx flow-sentinel`, or after the same in a script of package.json; undefined for other commands. */
function wordsOf({ words }: PrintedCommand): string[] | undefined {
  if (words[1] === 'flow-sentinel') return words.slice(2);
  if (words[0] !== 'npm' || words[1] !== 'run') return undefined;
  const [name = '', , ...given] = words.slice(words[2] === '-s' ? 3 : 2);
  const first = /^node bin\/flow-sentinel\.js (.*)$/.exec(scripts[name] ?? '')?.[1];
  return first === undefined ? undefined : [...first.split(' '), ...given];
}

/**
 * Returns whether a command needs no AWS account. The folders of make-logs exist before, and test/cli/hunt/shell types
 * what the shell reads.
 */
function isOffline(words: readonly string[]): boolean {
  if (words[0] === 'make-logs' || words[1] === 'shell') return false;
  const needsAws =
    ['collect', 'redrive', 'smoke'].includes(words[0]!) || words.includes('--stack') || words.includes('--outputs');
  return (
    !needsAws &&
    !words.some((word) => word.startsWith('s3://') || word.startsWith('PATH')) &&
    !/^(?:COMMAND|NAME)$/.test(words[words.length > 1 ? 1 : 0]!)
  );
}

/** Words of pages that stand for a file or a name of the reader. */
const standIns: Readonly<Record<string, string>> = {
  '~/flow-logs': 'flow-logs',
  LOGFILE: 'flows.log',
  RULE: 'repeated_rejects',
};

const outputs = new Map<string, Outcome>();

beforeAll(async () => {
  process.chdir(temporaryFolder());
  const logs = await run('make-logs', 'all-logs');
  expect(logs).toMatchObject({ code: 0 });
  // A part of the day, so that each command is fast.
  const files = readdirSync('all-logs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.gz'))
    .sort();
  for (const folder of ['flow-logs', 'logs']) {
    mkdirSync(folder);
    for (const file of files.slice(0, 6)) cpSync(join('all-logs', file), join(folder, file.replace(/.*\//, '')));
  }
  cpSync(join('all-logs', files[6]!), 'yesterday.log.gz');
  const lines = gunzipSync(readFileSync(join('all-logs', files[0]!)))
    .toString()
    .split('\n');
  const rejected = Array.from({ length: 11 }, (_, n) => lineOf({ action: 'REJECT', srcport: n }));
  writeFileSync('flow-logs/rejected.log', `${rejected.join('\n')}\n`);
  writeFileSync('flows.log', `${lines.slice(0, 200).join('\n')}\n`);
  writeFileSync('assets.csv', 'network,owner\n10.20.10.0/24,office\n198.19.63.4,calls\n');
  cpSync(join(root, 'rules'), 'my-rules', { recursive: true });
  cpSync(join(root, 'cli/samples/demo-names'), 'names', { recursive: true });
  cpSync(join(root, 'cli/samples/demo-dns'), 'dns-logs', { recursive: true });
  cpSync(join(root, 'events/quiet-hour/context'), 'context', { recursive: true });
  cpSync('context/guardduty.json', 'findings.json');
  cpSync(join(root, 'events/regions'), 'events/regions', { recursive: true });
  cpSync('events/regions/iptoasn/ip2asn.tsv', 'ip2asn-combined.tsv.gz');
  cpSync('events/regions/aws/ip-ranges.json', 'ip-ranges.json');
  const networks = [{ first: 0xc000_0200n, length: 24, data: { country: 'DE', asn: 'AS64496' } }];
  for (const name of ['GeoLite2-Country.mmdb', 'GeoLite2-ASN.mmdb'])
    writeFileSync(name, mmdbFile({ ipVersion: 4, recordSize: 24, networks }));
  expect(await run('geo', 'build', '--from', 'ip2asn-combined.tsv.gz', '--out', 'geo.bin')).toMatchObject({ code: 0 });
  const event = await run('make-event', 'flows.log');
  writeFileSync('event.json', event.stdout);
  outputs.set('invoke', await run('invoke', 'event.json', '--keep', 'counters'));
});

/**
 * Returns the shortest and the longest of pages and help texts for each command; at night one for each set of options, and
 * all queries. printed-commands.test.ts parses all.
 */
async function offlineCommands(): Promise<string[][]> {
  const all = [...commandsOfPages().filter(({ isComplete }) => isComplete), ...(await commandsOfHelp())];
  const distinct = new Map<string, string[]>();
  for (const command of all) {
    const words = wordsOf(command)?.map((word) => standIns[word] ?? word);
    if (words && isOffline(words)) distinct.set(kindOf(words), words);
  }
  if (isNightly) return [...distinct.values()];
  return [...Map.groupBy(distinct.values(), nameOf).values()].flatMap((some) => {
    const [shortest, ...longer] = some.toSorted((a, b) => a.length - b.length);
    return [shortest!, ...longer.slice(-1)];
  });
}

/**
 * Returns a command without the values of its options and arguments; complete for the query of a hunt. The queries of
 * named hunts run in test/cli/hunt/hunts-in-duckdb.integration.test.ts.
 */
function kindOf(words: readonly string[]): string {
  if (words[1] === 'sql') return words.join(' ');
  const options = words.filter((word) => word.startsWith('--')).sort();
  return [nameOf(words), words.length, ...options].join(' ');
}

/** Returns the words that name a command. */
function nameOf(words: readonly string[]): string {
  return words.slice(0, ['rules', 'alerts', 'geo'].includes(words[0]!) ? 2 : 1).join(' ');
}

/** Returns whether a command may find a problem: its result depends on the alerts and the rules of the reader. */
function mayFindProblem(words: readonly string[]): boolean {
  return words[0] === 'pairs' || words[0] === 'rules' || (words[0] === 'alerts' && words[1] !== 'list');
}

/** Runs the commands and returns `command: exit code: error` for each that does not work. */
async function failuresOf(commands: readonly (readonly string[])[]): Promise<string[]> {
  const failures: string[] = [];
  for (const words of commands) {
    const outcome = await runWords(words);
    outputs.set(words.join(' '), outcome);
    if (outcome.code === 0 || (outcome.code === 1 && mayFindProblem(words))) continue;
    failures.push(`${words.join(' ')}: ${outcome.code}: ${outcome.stderr}`);
  }
  return failures;
}

describe('printed commands', () => {
  it('run as pages and help texts print them, and so do the commands in their output', async () => {
    const commands = await offlineCommands();
    expect(commands.length).toBeGreaterThan(byTier(15, 25));
    expect(await failuresOf(commands)).toEqual([]);
    const printed = [...outputs].flatMap(([name, { stdout }]) => commandsInOutput(name, stdout));
    const distinct = new Map(
      printed.flatMap((one) => {
        const words = wordsOf(one)?.map((word) => standIns[word] ?? word);
        return words && isOffline(words) ? [[words.slice(0, 2).join(' '), words]] : [];
      }),
    );
    // Printed by replay, and by rules new.
    expect([...distinct.keys()].sort()).toEqual(expect.arrayContaining(['backtest flow-logs/', 'rules test']));
    expect(
      await failuresOf([...distinct.values()].filter((words) => words[1] !== 'NAME' && words[1] !== 'sql')),
    ).toEqual([]);
  });

  it('run as each e-mail of a quiet hour prints them', async () => {
    const events = readdirSync(join(root, 'events/quiet-hour'))
      .filter((name) => name.startsWith('minute-'))
      .sort();
    const { stdout } = await run(
      'invoke',
      ...events.map((name) => join(root, 'events/quiet-hour', name)),
      '--keep',
      'quiet',
    );
    const commands = commandsInOutput('mail', stdout).map((command) => wordsOf(command)!);
    for (const name of ['rules explain', 'rules silence', 'alerts silence']) {
      expect(commands.filter((words) => words.slice(0, 2).join(' ') === name)).toHaveLength(4);
    }
    for (const words of commands) {
      const isOfTable = words[0] === 'alerts';
      const outcome = await run(...words, ...(isOfTable ? ['--local', 'quiet'] : ['--rules', 'my-rules']));
      expect({ words, code: outcome.code, stderr: outcome.stderr }).toEqual({ words, code: 0, stderr: '' });
    }
  });

  it('run as the e-mail of a digest prints them', async () => {
    const lines = Array.from({ length: 20 * 11 }, (_, n) =>
      lineOf({ action: 'REJECT', srcaddr: `10.0.1.${n % 20}`, srcport: n, start: epoch, end: epoch + 50 }),
    );
    writeFileSync('storm.log', `${lines.join('\n')}\n`);
    writeFileSync('storm.json', (await run('make-event', 'storm.log')).stdout);
    const { stdout } = await run('invoke', 'storm.json', '--keep', 'storm');
    const listed = commandsInOutput('digest', stdout)
      .map((one) => wordsOf(one)!)
      .find((words) => words[1] === 'list');
    expect(listed).toEqual(['alerts', 'list', '--rule', 'repeated_rejects']);
    const outcome = await run(...listed!, '--local', 'storm');
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout.match(/repeated_rejects/g)).toHaveLength(20);
  });
});
