import { type Command, Option } from 'commander';
import { envelopeNames } from '../../emulators/envelope-names.ts';
import { styleNames } from '../../events/style-names.ts';
import type { CountingOptions } from '../replay/counting.ts';
import type { InvokeOptions } from '../samples/invoke.ts';
import type { MakeEventOptions } from '../samples/make-event.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { withContextEvents } from './context-options.ts';
import { withCounting } from './counting-options.ts';
import { withMonitoredNetworksAndScope } from './monitored-network-options.ts';
import { collect } from './option-parsers.ts';
import { withSources } from './source-options.ts';

/** Adds the commands that make samples and send them through the handler. */
export function addDemoAndSamples(program: Command): void {
  withCounting(program.command('demo'), false)
    .description('send the sample events through the real handler and show the alerts')
    .addHelpText('after', '\nExample:\n  $ npx flow-sentinel demo')
    .action(async (options: CountingOptions) => {
      const { demo } = await import('../samples/demo.ts');
      await untilInterrupted((interrupted) => demo(options, interrupted));
    });
  withContextEvents(withSources(withCounting(withMonitoredNetworksAndScope(program.command('invoke')), true)))
    .description('send Firehose events through the real handler, in order, on an embedded stack')
    .argument('<file...>', 'Firehose transformation events, one JSON file each; - for standard input')
    .option('--rules <dir>', 'directory of Sigma rules (default: rules/)')
    .option('--networks <file>', 'file of named networks (default: networks.yml beside the rules)')
    .option(
      '--format <fields>',
      'flow log format, as AWS writes it or as field names; repeatable (default: the AWS default format)',
      collect,
    )
    .option('--keep <folder>', 'folder that stores the counters between runs, for pairs and alerts --local')
    .option('--report <file>', 'additional self-contained HTML report')
    .option('--json', 'output as one JSON document: responses, pairs and alerts')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx flow-sentinel make-event flows.log > event.json\n  $ npx flow-sentinel invoke event.json',
    )
    .action(async (files: string[], options: InvokeOptions) => {
      const { invoke } = await import('../samples/invoke.ts');
      await untilInterrupted((interrupted) => invoke(files, options, interrupted));
    });
  program
    .command('make-event')
    .description('convert flow log lines into a Firehose event and print it')
    .argument('<logfile>', 'file of plain flow log lines; header lines are skipped; - for standard input')
    .addOption(new Option('--envelope <kind>', 'envelope of the lines').choices(envelopeNames).default('json'))
    .option(
      '--format <fields>',
      'format of lines without a header, as AWS writes it or as field names; repeatable (default: the AWS default format)',
      collect,
    )
    .addHelpText('after', '\nExample:\n  $ npx flow-sentinel make-event flows.log > event.json')
    .action(async (file: string, options: MakeEventOptions) => {
      const { makeEvent } = await import('../samples/make-event.ts');
      makeEvent(file, options);
    });
  program
    .command('make-logs')
    .description('write a day of labelled traffic, as VPC Flow Logs writes it to S3, to try the other commands')
    .argument('<folder>', 'new or empty folder')
    .addOption(new Option('--style <name>', 'style of the traffic').choices(styleNames).default('office'))
    .addHelpText(
      'after',
      '\nExample:\n  $ npx flow-sentinel make-logs logs\n  $ npx flow-sentinel replay logs --monitored-networks 10.20.0.0/16 --report report.html',
    )
    .action(async (folder: string, options: { readonly style: string }) => {
      const { makeLogs } = await import('../samples/make-logs.ts');
      // A signal does not stop the command before the folder is complete.
      await untilInterrupted(async () => makeLogs(folder, options));
    });
}
