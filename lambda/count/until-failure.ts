import { concurrency } from './counter-store.ts';

/** Works on elements with bounded concurrency. After a failure it starts none, and rejects once all have settled. */
export async function untilFailure<Element>(
  elements: Iterable<Element>,
  work: (element: Element, hasFailed: () => boolean) => Promise<void>,
  atOnce: number = concurrency,
): Promise<void> {
  const failures: unknown[] = [];
  const hasFailed = () => failures.length > 0;
  const rest = elements[Symbol.iterator]();
  // Each takes the next element when it has finished one. A promise for each element would be most of a batch's garbage.
  const takeElements = async () => {
    try {
      for (let next = rest.next(); !next.done && !hasFailed(); next = rest.next()) await work(next.value, hasFailed);
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, takeElements));
  if (hasFailed()) throw failures[0];
}
