import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { type IFunction, Function as LambdaFunctionResource } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { flushProcesses } from '../../lambda/journal/lane.ts';
import type { AlertTopic } from '../notifications/alert-topic.ts';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import type { Settings } from '../settings/settings.ts';
import type { ContextTable } from './context-table.ts';
import type { CounterTable } from './counter-table.ts';
import type { Detector } from './detector.ts';
import { functionRole } from './function-role.ts';
import type { JournalTable } from './journal-table.ts';
import type { NameTable } from './name-table.ts';
import { grantReadObjects } from './s3-object-access.ts';

/**
 * The function's memory in MB: the least with a complete processor (Lambda Developer Guide, "Configure Lambda function
 * memory"). A flush is bound by its processor: unpacking, merging, and sending updates. So the price of a flush is that of
 * less memory, and it ends sooner.
 */
export const flushMemory = 1769;

/** The journal counts on at most five minutes for a try (lambda/journal/journal.ts). */
const timeout = Duration.minutes(5);

/** EventBridge's maximum (EventBridge User Guide, "Amazon EventBridge quotas"). */
const maxTargets = 5;

export interface FlushFunctionProps {
  /** The function whose bundle, environment and rules this function shares. */
  readonly detector: Detector;
  readonly table: CounterTable;
  readonly journal: JournalTable;
  readonly topic: AlertTopic;
  /**
   * The names of addresses in alerts.
   *
   * @default none
   */
  readonly names?: NameTable | undefined;
  /**
   * What happened around the hosts of alerts.
   *
   * @default none
   */
  readonly context?: ContextTable | undefined;
  /**
   * The key that encrypts the log.
   *
   * @default a key that AWS owns
   */
  readonly encryptionKey?: CustomerManagedKey | undefined;
  readonly settings: Pick<Settings, 'countLanes'>;
}

/**
 * The function that counts, evaluates and alerts on what batches put into the journal. A schedule invokes it each minute,
 * with both values of `counting`: after a change to `direct` it counts what is left, and then finds nothing to do.
 *
 * Any number of invocations may run at once, since each lane has a lease. An invocation that fails is not repeated: that of
 * the next minute continues.
 */
export class FlushFunction extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, props: FlushFunctionProps) {
    super(scope, id);
    const { detector, table, journal, topic, names, context, encryptionKey, settings } = props;
    const { role, logGroup } = functionRole(this, encryptionKey);
    const invocation = { maxEventAge: Duration.minutes(1), retryAttempts: 0 };
    this.function = new LambdaFunctionResource(this, 'Function', {
      ...detector.shared,
      ...invocation,
      description: 'Counts the journal of VPC Flow Logs, and alerts',
      handler: 'index.flushHandler',
      memorySize: flushMemory,
      timeout,
      role,
      logGroup,
    });
    table.grantCount(role);
    journal.grantFlush(role);
    names?.grantReadAndPut(role);
    context?.grantAlert(role);
    topic.grantPublish(role);
    grantReadObjects(role, detector.objectsRead);
    const inputs = tasksOf(settings.countLanes).map((task) => RuleTargetInput.fromObject(task));
    for (let first = 0; first < inputs.length; first += maxTargets) {
      const targets = inputs
        .slice(first, first + maxTargets)
        .map((event) => new LambdaFunction(this.function, { ...invocation, event }));
      new Rule(this, `Schedule${first / maxTargets}`, {
        description: 'Counts the journal of VPC Flow Logs',
        schedule: Schedule.rate(Duration.minutes(1)),
        targets,
      });
    }
  }
}

/** Returns the event of each invocation of a minute: which lanes it flushes (lambda/flush/flush-task.ts). */
function tasksOf(lanes: Settings['countLanes']): { readonly index: number; readonly processes: number }[] {
  const processes = flushProcesses(lanes);
  return Array.from({ length: processes }, (_, index) => ({ index, processes }));
}
