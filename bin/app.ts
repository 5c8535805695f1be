#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { checkExamples } from '../lib/check-examples.ts';
import { readContext } from '../lib/context.ts';
import { FlowSentinelStack } from '../lib/flow-sentinel-stack.ts';

await checkExamples();
const app = new App();
new FlowSentinelStack(app, 'FlowSentinel', { settings: readContext(app.node.getAllContext()) });
