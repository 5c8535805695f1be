import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { styleNames } from '../events/scenarios/corpus.ts';
import { printable } from '../lambda/core/wording.ts';
import { FlowError, messageOf } from '../lambda/errors.ts';
import { envelopeNames } from '../local/firehose-event.ts';
import type { ChaosOptions } from './chaos.ts';
import type { CostOptions } from './cost.ts';
import { demo } from './demo.ts';
import type { DetectionsOptions } from './detections.ts';
import type { FuzzOptions } from './fuzz.ts';
import { InputError } from './input-error.ts';
import { invoke } from './invoke.ts';
import { makeEvent } from './make-event.ts';
import type { RedriveOptions } from './redrive.ts';
import type { RuleOptions } from './rule-set.ts';
import type { SilenceOptions } from './rules-silence.ts';
import type { SmokeOptions } from './smoke.ts';
import { readVolume } from './volume.ts';

/** The work found something wrong, and has said what. */
class ViolationFound extends Error {}

function createProgram(): Command {
  const program = new Command('flow-sentinel')
    .description('Exact counters and Sigma alerts on VPC Flow Logs. All but redrive and smoke need no AWS account.')
    .exitOverride()
    .showHelpAfterError('See --help for what it takes.');
  program
    .command('demo')
    .description('send the sample events through the real handler, and show the alerts')
    .action(demo);
  program
    .command('invoke')
    .description('send Firehose events through the real handler, in order, against one fresh embedded stack')
    .argument('<file...>', 'Firehose transformation events, a JSON file each')
    .option('--rules <dir>', 'Sigma rules to judge by, instead of those in rules/')
    .option('--networks <file>', 'named networks, instead of networks.yml beside the rules')
    .option('--format <fields>', 'the flow log format, as AWS writes it or as field names; once for each', collected)
    .option('--json', 'print one JSON document: responses, pairs and alerts')
    .addHelpText(
      'after',
      '\nExample:\n  $ flow-sentinel make-event flows.log > event.json\n  $ flow-sentinel invoke event.json',
    )
    .action(invoke);
  program
    .command('make-event')
    .description('make a Firehose event of flow log lines, and print it')
    .argument('<logfile>', 'plain flow log lines; a header line is left out')
    .addOption(new Option('--envelope <kind>', 'how the lines are wrapped').choices(envelopeNames).default('json'))
    .action(makeEvent);
  program
    .command('chaos')
    .description('run seeded schedules of faults against the function, and look for a wrong count or a lost alert')
    .option('--minutes <n>', 'how long', positive, 1)
    .option('--seed <n>', 'where to begin; the same seed gives the same schedules', wholeNumber)
    .addOption(
      new Option('--store <kind>', 'memory, or the embedded stack over HTTP')
        .choices(['memory', 'local'])
        .default('memory'),
    )
    .option('--json', 'print one JSON document')
    .action(async (options: ChaosOptions) => {
      const { chaos } = await import('./chaos.ts');
      if (!(await chaos(options))) throw new ViolationFound();
    });
  program
    .command('fuzz')
    .description('hold what is promised of any input against hostile inputs')
    .option('--cases <n>', 'how many', wholeNumber, 1_000_000)
    .option('--seed <n>', 'where to begin; the same seed gives the same cases', wholeNumber)
    .action(async (options: FuzzOptions) => {
      const { fuzz } = await import('./fuzz.ts');
      if (!fuzz(options)) throw new ViolationFound();
    });
  addRules(program);
  addDeployed(program);
  program
    .command('detections')
    .description(
      'replay days of labelled traffic, and measure how many attacks each rule finds and what it says in vain',
    )
    .addOption(new Option('--style <name>', 'one style of traffic only').choices(styleNames))
    .option('--write', 'write the table into docs/detections.md')
    .option('--json', 'print one JSON document')
    .action(async (options: DetectionsOptions) => {
      const { detections } = await import('./detections.ts');
      if (!(await detections(options))) throw new ViolationFound();
    });
  addCost(program);
  return program;
}

function addCost(program: Command): void {
  const kind = (name: string, what: string, choices: readonly string[]) =>
    new Option(`--${name} <kind>`, what).choices(choices);
  program
    .command('cost')
    .description('say what a month costs, by service, what drives the bill, and what would lower it')
    .option('--records-per-day <n...>', 'flow records a day, such as 1M 100M 10G: a column for each', volumes)
    .option('--pairs <n>', 'distinct pairs of addresses a day; for none, as many as the measured traffic has', volume)
    .option('--stage <name>', 'the stage of flow-sentinel.json whose settings hold where no option says otherwise')
    .addOption(kind('traffic', 'the measured traffic to go by; the mean of all for none', styleNames))
    .addOption(kind('way-in', 'how flow logs come', ['flow-logs', 'log-group']))
    .addOption(kind('lake-format', 'lakeFormat, in place of that in flow-sentinel.json', ['parquet', 'json']))
    .addOption(kind('lake-partition', 'lakePartition', ['date', 'account', 'vpc']))
    .option('--partitions <n>', 'how many accounts or VPCs there are, where the lake is parted by them', wholeNumber)
    .addOption(kind('encryption', 'encryption', ['aws', 'own']))
    .option('--lake-cold-after-days <n>', 'lakeColdAfterDays, 0 for never', wholeNumber)
    .option('--lake-expire-after-days <n>', 'lakeExpireAfterDays, 0 for never', wholeNumber)
    .option('--retention-days <n>', 'retentionDays', wholeNumber)
    .option('--mails-per-day <n>', 'alerts a day, times those who get them', wholeNumber)
    .option('--prices <file>', 'another price list, of the shape of cost/prices-us-east-1.json')
    .option('--json', 'print one JSON document')
    .option('--measure', 'measure anew what the bill depends on, and write cost/measured.json; some minutes')
    .addHelpText('after', '\nExample:\n  $ flow-sentinel cost --records-per-day 1M 100M 10G')
    .action(async (options: CostOptions) => {
      const { cost } = await import('./cost.ts');
      await cost(options);
    });
}

function addRules(program: Command): void {
  const rules = program
    .command('rules')
    .description('write, check, test and explain rules')
    .showHelpAfterError('See --help for what it takes.');
  const directory = ['--rules <dir>', 'Sigma rules, instead of those in rules/'] as const;
  const networks = ['--networks <file>', 'named networks, instead of networks.yml beside the rules'] as const;
  const json = ['--json', 'print one JSON document'] as const;
  rules
    .command('test')
    .description('run the examples of rules: what must alert, and what must not')
    .argument('[name...]', 'rules; all of them for none')
    .option(...directory)
    .option(...networks)
    .option(...json)
    .action(async (names: string[], options: RuleOptions) => {
      const { testRules } = await import('./rules-test.ts');
      if (!(await testRules(names, options))) throw new ViolationFound();
    });
  rules
    .command('check')
    .description('find all mistakes in rules, what has expired, and what is worth knowing')
    .option(...directory)
    .option(...networks)
    .option(...json)
    .action(async (options: RuleOptions) => {
      const { checkRules } = await import('./rules-check.ts');
      if (!checkRules(options, today())) throw new ViolationFound();
    });
  rules
    .command('explain')
    .description('say in plain words what a rule counts, when it alerts, and what it costs')
    .argument('<name>', 'a rule')
    .option(...directory)
    .option(...networks)
    .option(...json)
    .action(async (name: string, options: RuleOptions) => {
      const { explainRule } = await import('./rules-explain.ts');
      explainRule(name, options);
    });
  rules
    .command('new')
    .description('write a rule and its examples to begin with')
    .argument('<name>', 'letters, digits, _ and -')
    .option(...directory)
    .action(async (name: string, options: RuleOptions) => {
      const { newRule } = await import('./rules-new.ts');
      newRule(name, options, today());
    });
  rules
    .command('silence')
    .description('write a filter that leaves flows out of what a rule counts')
    .argument('<name>', 'a rule')
    .argument('<field=value...>', 'flows that have all of them; a field given twice may have either value')
    .requiredOption('--reason <text>', 'why they are harmless')
    .option('--until <day>', 'the last day on which it holds, such as 2026-12-31')
    .option(...directory)
    .addHelpText(
      'after',
      '\nExample:\n  $ flow-sentinel rules silence lateral_movement srcaddr=10.0.0.4 --reason "the bastion" --until 2027-01-31',
    )
    .action(async (name: string, pairs: string[], options: SilenceOptions) => {
      const { silenceRule } = await import('./rules-silence.ts');
      silenceRule(name, pairs, options, today());
    });
}

/** The commands that work on a deployed stack, with the credentials and the region of the environment. */
function addDeployed(program: Command): void {
  const stack = ['--stack <name>', 'the stack', 'FlowSentinel'] as const;
  const outputs = ['--outputs <file>', 'its outputs, as cdk deploy --outputs-file writes them'] as const;
  program
    .command('redrive')
    .description('put through again what the stream could not transform: records that failed, and batches given up')
    .option(...stack)
    .option(...outputs)
    .option('--only <prefix>', 'only objects that go on so after the error prefix, such as day=2026-11-24/', '')
    .option('--into <prefix>', 'where decoded lines go in the lake', 'redriven/')
    .addOption(
      new Option('--late <what>', 'batches of which part may have been counted more than an hour ago')
        .choices(['leave', 'count', 'pass-on'])
        .default('leave'),
    )
    .addOption(
      new Option(
        '--answered <what>',
        'records that failed and can be read: they had no room in an answer and are counted',
      )
        .choices(['pass-on', 'count'])
        .default('pass-on'),
    )
    .option('--dry-run', 'only say what there is')
    .option('--json', 'print one JSON document')
    .action(async (options: RedriveOptions) => {
      const { redrive } = await import('./redrive.ts');
      if (!(await redrive(options))) throw new ViolationFound();
    });
  program
    .command('smoke')
    .description(
      'send a marked flow through the deployed stack, wait for its alert, which all subscribers get, and clean up',
    )
    .option(...stack)
    .option(...outputs)
    .option('--source <address>', 'an address in suspicious_ranges, where 203.0.113.0/24 is not there any more')
    .option('--timeout <seconds>', 'how long to wait for the alert', seconds, 600)
    .option('--json', 'print one JSON document')
    .action(async (options: SmokeOptions) => {
      const { smoke } = await import('./smoke.ts');
      if (!(await untilInterrupted((interrupted) => smoke(options, interrupted)))) throw new ViolationFound();
    });
}

/** Tells the work of the first signal to end, so that it can clean up; a second one ends the process as ever. */
async function untilInterrupted<T>(work: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const stop = () => {
    for (const signal of signals) process.off(signal, stop);
    controller.abort(new Error('it was interrupted'));
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

/** The day in UTC, such as `2026-12-31`. */
function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 10_000)) throw new InvalidArgumentError('expected a number of minutes above 0.');
  return number;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number of up to nine digits.');
  return Number(text);
}

function volume(text: string): number {
  const read = readVolume(text);
  if (read === undefined) throw new InvalidArgumentError('expected a number above 0, such as 250k, 100M or 10G.');
  return read;
}

function volumes(text: string, previous: readonly number[] = []): readonly number[] {
  return [...previous, volume(text)];
}

function seconds(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('expected a number of seconds above 0.');
  return number;
}

function collected(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/**
 * Runs the command line.
 *
 * @returns the exit code: 0 done, 1 the work failed or found something wrong, 2 wrong usage or unreadable input
 */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof ViolationFound) return 1;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const isInput = error instanceof FlowError && (error.code === 'RULE_INVALID' || error.code === 'CONFIG_INVALID');
    const lines = isInput ? messageOf(error).split('\n') : [messageOf(error)];
    process.stderr.write(`flow-sentinel: ${lines.map(printable).join('\n')}\n`);
    return isInput || error instanceof InputError ? 2 : 1;
  }
}
