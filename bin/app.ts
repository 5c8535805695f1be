#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { readContext } from '../lib/context.ts';
import { FlowSentinelStack } from '../lib/flow-sentinel-stack.ts';

const app = new App();
new FlowSentinelStack(app, 'FlowSentinel', { settings: readContext(app.node.getAllContext()) });
