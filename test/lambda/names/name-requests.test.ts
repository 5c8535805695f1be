import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { missingEntry } from '../../../lambda/names/name-entry.ts';
import { nameKeyText } from '../../../lambda/names/name-key.ts';
import { NameRequests } from '../../../lambda/names/name-requests.ts';

const keyOf = (number: number) => ({ interface: `eni-${number.toString(16).padStart(8, '0')}` });

describe('the requests of a process', () => {
  it('takes at most 25 keys at once, and no key twice within ten minutes', () => {
    const batch = fc.record({ keys: fc.array(fc.nat({ max: 80 }), { maxLength: 100 }), later: fc.nat({ max: 700 }) });
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 20 }), (batches) => {
        const requests = new NameRequests();
        const asked = new Map<string, number>();
        let now = 1000;
        for (const { keys, later } of batches) {
          now += later;
          const taken = requests.take(keys.map(keyOf), new Map(), now).map(nameKeyText);
          expect(taken.length).toBeLessThanOrEqual(25);
          const mayAsk = new Set(
            keys.map((one) => nameKeyText(keyOf(one))).filter((one) => now - (asked.get(one) ?? -600) >= 600),
          );
          expect(taken).toEqual([...mayAsk].slice(0, 25));
          for (const one of taken) asked.set(one, now);
        }
      }),
    );
  });

  it('takes no key whose entry is not due', () => {
    const entries = new Map([[nameKeyText(keyOf(1)), missingEntry(undefined, { reason: 'not found', time: 900 })]]);
    expect(new NameRequests().take([keyOf(1), keyOf(2)], entries, 1000)).toEqual([keyOf(2)]);
  });

  it('remembers at most 5,000 keys, and then takes no more until they are ten minutes old', () => {
    const requests = new NameRequests();
    const all = Array.from({ length: 300 }, (_, n) => Array.from({ length: 25 }, (_one, m) => keyOf(25 * n + m)));
    expect(all.flatMap((keys) => requests.take(keys, new Map(), 1000))).toHaveLength(5000);
    expect(requests.take(all[250]!, new Map(), 1600)).toHaveLength(25);
  });
});
