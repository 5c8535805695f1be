import { Annotations, App } from 'aws-cdk-lib';
import { FlowError } from '../lambda/common/errors.ts';
import { printable } from '../lambda/common/text.ts';
import { FlowSentinelStack, stackNameOf } from '../lib/flow-sentinel-stack.ts';
import { lookupEnvironment } from '../lib/ingest/logged-vpcs.ts';
import { readSettingsFile } from '../lib/settings/load-settings.ts';
import { readSettings } from '../lib/settings/read-settings.ts';
import { sharedResources } from '../lib/settings/shared-resources.ts';
import { checkExamples } from '../sigma/examples/check-examples.ts';

try {
  await checkExamples();
  const app = new App();
  const file = readSettingsFile();
  const stages = readSettings(app.node.getAllContext(), file);
  for (const stage of stages) {
    const { settings } = stage;
    new FlowSentinelStack(app, stackNameOf(stage), { settings, ...lookupEnvironment(settings, process.env) });
  }
  for (const { id, text } of sharedResources(stages, file)) {
    Annotations.of(app).addWarningV2(`flow-sentinel:sharedResource:${id}`, text);
  }
} catch (error) {
  if (!(error instanceof FlowError)) throw error;
  process.stderr.write(`flow-sentinel: ${error.message.split('\n').map(printable).join('\n')}\n`);
  // At once: the app would write a template of the stacks that it has so far.
  process.exit(2);
}
