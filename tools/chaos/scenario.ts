import fc from 'fast-check';
import type { MessageLimits } from '../../lambda/alert/messages.ts';
import { type Fault, faultKinds } from './faults.ts';

/** 2026-11-24 09:00:00 UTC, in epoch seconds: when every scenario begins. */
export const begin = 1_795_510_800;

/** One flow of a scenario, by a few hosts that are numbered. */
export interface ScenarioFlow {
  readonly src: number;
  readonly dst: number;
  readonly action: 'ACCEPT' | 'REJECT';
  readonly bytes: number;
  /** Seconds after the beginning: when it ended. Its record comes in with its place in the stream, late or not. */
  readonly end: number;
}

/** What happens to a stream of records: everything that chance decides is in here, so that it can be told and shrunk. */
export interface Scenario {
  readonly flows: readonly ScenarioFlow[];
  /** Places in the stream at which a record that cannot be read stands. */
  readonly garbage: readonly number[];
  readonly recordsPerBatch: number;
  readonly concurrency: number;
  readonly idsOnRetry: 'same' | 'new';
  /** Seconds by which the time of arrival differs when a batch is sent again. */
  readonly skewOnRetry: number;
  readonly faults: readonly Fault[];
  /** Batches, by their number, that are delivered once more after all others, minutes later. */
  readonly deliveredAgain: readonly number[];
  /** How many messages may be sent. */
  readonly messages: MessageLimits;
}

/** Hosts are few, so that they meet again; times span more than a window, within what is kept for late records. */
const flow: fc.Arbitrary<ScenarioFlow> = fc.record({
  src: fc.nat(2),
  dst: fc.nat(4),
  action: fc.constantFrom('ACCEPT', 'REJECT'),
  bytes: fc.constantFrom(0, 40, 500, 1500),
  end: fc.oneof(fc.nat(600), fc.nat(4500)),
});

const fault = (calls: number): fc.Arbitrary<Fault> =>
  fc.record({ call: fc.nat(calls), kind: fc.constantFrom(...faultKinds), delay: fc.nat(30) });

/** Any scenario with up to so many flows. */
export function anyScenario(maxFlows: number): fc.Arbitrary<Scenario> {
  return fc.record({
    flows: fc.array(flow, { minLength: 1, maxLength: maxFlows, size: 'max' }),
    garbage: fc.uniqueArray(fc.nat(maxFlows), { maxLength: 2 }),
    recordsPerBatch: fc.integer({ min: 1, max: Math.ceil(maxFlows / 3) }),
    concurrency: fc.constantFrom(1, 2, 4, 16),
    idsOnRetry: fc.constantFrom('same', 'new'),
    skewOnRetry: fc.constantFrom(0, 0, -300, 60, 900, 3000),
    faults: fc.array(fault(maxFlows * 6), { maxLength: Math.ceil(maxFlows / 2), size: 'max' }),
    deliveredAgain: fc.uniqueArray(fc.nat(4), { maxLength: 2 }),
    messages: fc.record({ perBatch: fc.constantFrom(1000, 1000, 2), perMinute: fc.constantFrom(1000, 3, 2, 1) }),
  });
}
