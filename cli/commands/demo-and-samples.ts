import { type Command, Option } from 'commander';
import { type EnvelopeName, envelopeNames } from '../../emulators/firehose-event.ts';
import { styleNames } from '../../events/corpus.ts';
import type { InvokeOptions } from '../samples/invoke.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { collect } from './option-parsers.ts';

/** The commands that make samples, and send them through the handler. */
export function addDemoAndSamples(program: Command): void {
  program
    .command('demo')
    .description('send the sample events through the real handler, and show the alerts')
    .action(async () => {
      const { demo } = await import('../samples/demo.ts');
      await untilInterrupted(demo);
    });
  program
    .command('invoke')
    .description('send Firehose events through the real handler, in order, against one fresh embedded stack')
    .argument('<file...>', 'Firehose transformation events, a JSON file each')
    .option('--rules <dir>', 'Sigma rules to judge by, instead of those in rules/')
    .option('--networks <file>', 'named networks, instead of networks.yml beside the rules')
    .option('--format <fields>', 'the flow log format, as AWS writes it or as field names; once for each', collect)
    .option(
      '--keep <folder>',
      'go on from the counters that a folder keeps, and keep them there: for pairs and alerts --local',
    )
    .option('--report <file>', 'write a report besides: one HTML file to look around in, to keep or to pass on')
    .option('--json', 'print one JSON document: responses, pairs and alerts')
    .addHelpText(
      'after',
      '\nExample:\n  $ flow-sentinel make-event flows.log > event.json\n  $ flow-sentinel invoke event.json',
    )
    .action(async (files: string[], options: InvokeOptions) => {
      const { invoke } = await import('../samples/invoke.ts');
      await untilInterrupted((interrupted) => invoke(files, options, interrupted));
    });
  program
    .command('make-event')
    .description('make a Firehose event of flow log lines, and print it')
    .argument('<logfile>', 'plain flow log lines; a header line is left out')
    .addOption(new Option('--envelope <kind>', 'how the lines are wrapped').choices(envelopeNames).default('json'))
    .action(async (file: string, options: { readonly envelope: EnvelopeName }) => {
      const { makeEvent } = await import('../samples/make-event.ts');
      makeEvent(file, options);
    });
  program
    .command('make-logs')
    .description('write a day of labelled traffic as VPC Flow Logs writes it to S3, to try the other commands on')
    .argument('<folder>', 'a new folder')
    .addOption(new Option('--style <name>', 'the traffic').choices(styleNames).default('office'))
    .addHelpText(
      'after',
      '\nExample:\n  $ flow-sentinel make-logs logs\n  $ flow-sentinel replay logs --report report.html',
    )
    .action(async (folder: string, options: { readonly style: string }) => {
      const { makeLogs } = await import('../samples/make-logs.ts');
      // A signal waits until the folder is whole.
      await untilInterrupted(async () => makeLogs(folder, options));
    });
}
