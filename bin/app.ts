#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { checkExamples } from '../lib/check-examples.ts';
import { FlowSentinelStack, stackNameOf } from '../lib/flow-sentinel-stack.ts';
import { lookupEnvironment } from '../lib/logged-vpcs.ts';
import { readSettings } from '../lib/settings.ts';
import { readSettingsFile } from '../lib/settings-file.ts';

await checkExamples();
const app = new App();
for (const stage of readSettings(app.node.getAllContext(), readSettingsFile())) {
  const { settings } = stage;
  new FlowSentinelStack(app, stackNameOf(stage), { settings, ...lookupEnvironment(settings, process.env) });
}
