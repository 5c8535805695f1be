import { App } from 'aws-cdk-lib';
import { FlowSentinelStack, stackNameOf } from '../lib/flow-sentinel-stack.ts';
import { lookupEnvironment } from '../lib/ingest/logged-vpcs.ts';
import { readSettingsFile } from '../lib/settings/load-settings.ts';
import { readSettings } from '../lib/settings/read-settings.ts';
import { checkExamples } from '../sigma/examples/check-examples.ts';

await checkExamples();
const app = new App();
for (const stage of readSettings(app.node.getAllContext(), readSettingsFile())) {
  const { settings } = stage;
  new FlowSentinelStack(app, stackNameOf(stage), { settings, ...lookupEnvironment(settings, process.env) });
}
