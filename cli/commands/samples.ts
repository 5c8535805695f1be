import { type Command, Option } from 'commander';
import { envelopeNames } from '../../local/firehose-event.ts';
import { demo } from '../demo.ts';
import { invoke } from '../invoke.ts';
import { makeEvent } from '../make-event.ts';
import { collected } from './option-values.ts';

/** The commands that send sample events through the handler. */
export function addSamples(program: Command): void {
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
    .option(
      '--keep <folder>',
      'go on from the counters that a folder keeps, and keep them there: for pairs and alerts --local',
    )
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
}
