import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';
import { ContextBus } from './context-bus.ts';
import { ContextFunction, type ContextFunctionProps } from './context-function.ts';
import { ContextQueue } from './context-queue.ts';

export interface ContextEventsProps extends Omit<ContextFunctionProps, 'queue'> {
  readonly settings: Pick<Settings, 'organizationId' | 'guardDutyAnswers'>;
}

/** The way of findings and network changes into the table: rules of EventBridge, a queue, and a function. */
export class ContextEvents extends Construct {
  readonly queue: IQueue;
  /** The messages that failed five times. */
  readonly deadLetters: IQueue;
  readonly function: IFunction;
  /** The central event bus; undefined without an organization. */
  readonly busArn: string | undefined;

  constructor(scope: Construct, id: string, props: ContextEventsProps) {
    super(scope, id);
    const { organizationId } = props.settings;
    const bus = organizationId === undefined ? undefined : new ContextBus(this, 'Bus', { organizationId }).bus;
    const queue = new ContextQueue(this, 'Queue', { bus });
    this.queue = queue.queue;
    this.deadLetters = queue.deadLetters;
    this.function = new ContextFunction(this, 'Function', { ...props, queue }).function;
    this.busArn = bus?.eventBusArn;
  }
}
