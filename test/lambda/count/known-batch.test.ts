import { describe, expect, it } from 'vitest';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import { countBatch } from '../../../lambda/count/count-batch.ts';
import { knownBatch } from '../../../lambda/count/known-batch.ts';
import { identifyBatch, tokenForms } from '../../../lambda/parse/batch-identity.ts';
import { readRecords } from '../../../lambda/parse/read-records.ts';
import { deltasOf } from '../../support/deltas.ts';
import { epoch, flowOf, lineOf, v2 } from '../../support/flows.ts';
import { rulesOf } from '../../support/rules.ts';

const rules = rulesOf();
const deadline = new AbortController().signal;
const data = Buffer.from(lineOf()).toString('base64');
const records = [{ recordId: '0', data, arrival: epoch }];
const read = readRecords(records, [v2]);
const former = { version: 0, digest: () => 'a former hash, of another kind'.replaceAll(/\W/g, '-') };
const [present, earlier] = [identifyBatch(records, read), identifyBatch(records, read, former)];
const hosts = Array.from({ length: 4 }, (_, n) => ({
  flow: flowOf({ dstaddr: `10.2.0.${n}`, bytes: 5 }),
  arrival: epoch,
}));
const deltas = deltasOf(hosts, rules);

describe('knownBatch', () => {
  const open = () => ({ counters: new MemoryCounterStore(rules.series), deadline });

  it('returns tokens of different versions when the forms differ', () => {
    expect(tokenForms.map(({ version }) => version)).not.toContain(former.version);
    expect([present.dedupToken, earlier.dedupToken]).toEqual([
      expect.stringMatching(/^[I-P]/),
      expect.stringMatching(/^[A-H]/),
    ]);
  });

  it('returns the present form when the table knows none', async () => {
    expect(await knownBatch([present, earlier], open())).toBe(present);
    expect(await knownBatch([present], open())).toBe(present);
  });

  it('counts a batch once when a former version has counted a part of it', async () => {
    const ports = open();
    const { counters } = ports;
    await counters.begin(earlier);
    for (const delta of deltas.slice(0, 2)) await counters.add(delta, earlier);
    const batch = await knownBatch([present, earlier], ports);
    expect(batch).toBe(earlier);
    await countBatch(deltas, batch, await counters.begin(batch), ports, () => undefined);
    expect([...counters.counters.values()].map(({ bytes }) => bytes)).toEqual([5, 5, 5, 5]);
  });

  it('prefers the present form when the table knows both', async () => {
    const ports = open();
    for (const batch of [earlier, present]) await ports.counters.begin(batch);
    expect(await knownBatch([present, earlier], ports)).toBe(present);
  });
});
