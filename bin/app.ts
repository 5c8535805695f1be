#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { checkExamples } from '../lib/check-examples.ts';
import { FlowSentinelStack, stackNameOf } from '../lib/flow-sentinel-stack.ts';
import { readSettings } from '../lib/settings.ts';
import { readSettingsFile } from '../lib/settings-file.ts';

await checkExamples();
const app = new App();
for (const stage of readSettings(app.node.getAllContext(), readSettingsFile())) {
  new FlowSentinelStack(app, stackNameOf(stage), { settings: stage.settings });
}
