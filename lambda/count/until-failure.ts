import pMap from 'p-map';
import { concurrency } from './counter-store.ts';

/** Works on elements with bounded concurrency. After a failure it starts none, and rejects once all have settled. */
export async function untilFailure<Element>(
  elements: Iterable<Element>,
  work: (element: Element, hasFailed: () => boolean) => Promise<void>,
  atOnce: number = concurrency,
): Promise<void> {
  const failures: unknown[] = [];
  const hasFailed = () => failures.length > 0;
  await pMap(
    elements,
    async (element) => {
      if (hasFailed()) return;
      try {
        await work(element, hasFailed);
      } catch (error) {
        failures.push(error);
      }
    },
    { concurrency: atOnce },
  );
  if (hasFailed()) throw failures[0];
}
