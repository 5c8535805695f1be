import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import { defaultCompaction } from '../../lambda/count/compaction.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import {
  contractRules,
  counterStoreContract,
  eagerMaintenance,
  maintenanceContract,
} from '../lambda/count/counter-store.contract.ts';
import { deltasOf } from '../support/deltas.ts';
import { epoch, flowOf } from '../support/flows.ts';
import { defaultRules } from '../support/rules.ts';

const store = new MemoryCounterStore(contractRules.series, { compaction: defaultCompaction });
counterStoreContract(
  'memory',
  () => store,
  () => store,
);

const firstProcess = new MemoryCounterStore(contractRules.series, eagerMaintenance);
maintenanceContract('memory', () => firstProcess.newProcess());

it('returns the same counters when it changes them in place, until the next batch', async () => {
  const flow = fc.record({
    dstport: fc.integer({ min: 1, max: 60 }),
    dstaddr: fc.nat(3).map((host) => `10.2.0.${host}`),
    bytes: fc.nat(1000),
    action: fc.constantFrom('ACCEPT', 'REJECT'),
    end: fc.nat(7200).map((after) => epoch + after),
  });
  let parts = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(flow, { maxLength: 150, size: 'max' }), { maxLength: 12 }), async (batches) => {
      const stores = [
        new MemoryCounterStore(defaultRules.series),
        new MemoryCounterStore(defaultRules.series, { isInPlace: true }),
      ] as const;
      for (const [number, flows] of batches.entries()) {
        const batch = { dedupToken: String(number).padStart(8, '0'), arrival: epoch + 600 * number };
        const arrived = flows.map((values) => ({ flow: flowOf(values), arrival: batch.arrival }));
        const deltas = deltasOf(arrived, defaultRules);
        const results: Counter[][] = [];
        for (const store of stores) {
          await store.begin(batch);
          const returned: Counter[] = [];
          for (const delta of deltas) returned.push(await store.add(delta, batch));
          results.push(returned);
          await store.complete(batch);
        }
        // Returned counters stay valid until the batch ends, also when it updates one counter several times.
        const slotsOf = (counters: readonly Counter[]) => counters.map(({ dedupTokens, ...others }) => others);
        expect(slotsOf(results[1]!)).toEqual(slotsOf(results[0]!));
        expect(stores[1].counters).toEqual(stores[0].counters);
        parts += deltas.filter(({ part }) => part > 0).length;
      }
    }),
    { numRuns: 30 },
  );
  expect(parts).toBeGreaterThan(0);
});
