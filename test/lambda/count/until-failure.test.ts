import { describe, expect, it } from 'vitest';
import { untilFailure } from '../../../lambda/count/until-failure.ts';

/** Works on numbers, each of which ends when the test says so. */
function controlled() {
  const started: number[] = [];
  const ends = new Map<number, (error?: Error) => void>();
  const work = (element: number) =>
    new Promise<void>((resolve, reject) => {
      started.push(element);
      ends.set(element, (error) => (error ? reject(error) : resolve()));
    });
  return { started, work, end: (element: number, error?: Error) => ends.get(element)!(error) };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('untilFailure', () => {
  it('works on at most so many elements at once, in order', async () => {
    const { started, work, end } = controlled();
    const done = untilFailure([1, 2, 3, 4], work, 2);
    expect(started).toEqual([1, 2]);
    end(2);
    await turn();
    expect(started).toEqual([1, 2, 3]);
    for (const element of [1, 3]) end(element);
    await turn();
    end(4);
    await done;
    expect(started).toEqual([1, 2, 3, 4]);
  });

  it('starts no element after a failure, and rejects with the first one once all have settled', async () => {
    const { started, work, end } = controlled();
    let settled = false;
    const done = untilFailure([1, 2, 3], work, 2).finally(() => {
      settled = true;
    });
    end(1, new Error('first'));
    await turn();
    expect({ started, settled }).toEqual({ started: [1, 2], settled: false });
    end(2, new Error('second'));
    await expect(done).rejects.toThrow('first');
  });

  it('rejects once all have settled when the elements end with an error', async () => {
    const { started, work, end } = controlled();
    function* elements() {
      yield 1;
      throw new Error('no more');
    }
    let settled = false;
    const done = untilFailure(elements(), work, 2).finally(() => {
      settled = true;
    });
    await turn();
    expect({ started, settled }).toEqual({ started: [1], settled: false });
    end(1);
    await expect(done).rejects.toThrow('no more');
  });

  it('does nothing without elements', async () => {
    await untilFailure([], () => Promise.reject(new Error('not called')));
  });
});
