/** Returns the median, or the lower of the two middle numbers. @throws Error if the list is empty */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('the median of an empty list is not defined');
  return middle;
}

/** The measured numbers of one run, by name. */
export type Measurements<Name extends string> = Readonly<Record<Name, number>>;

/**
 * Runs contestants in turn, so that other load on the machine affects them equally, and returns the median of each. Each
 * round has a random order: in a fixed order, garbage collection would always affect the same contestant.
 *
 * @param rounds the number of measured runs of each contestant, after `warmUp` runs that are not measured
 */
export async function compare<Contestant extends string, Name extends string>(
  contestants: Readonly<Record<Contestant, () => Promise<Measurements<Name>>>>,
  { rounds, warmUp = 0 }: { readonly rounds: number; readonly warmUp?: number },
): Promise<Record<Contestant, Measurements<Name>>> {
  const runs = Object.entries(contestants) as [Contestant, () => Promise<Measurements<Name>>][];
  const seen = new Map<Contestant, Measurements<Name>[]>(runs.map(([name]) => [name, []]));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const [name, run] of shuffled(runs)) {
      const measure = await run();
      if (round >= 0) seen.get(name)!.push(measure);
    }
  }
  const middle = (measures: readonly Measurements<Name>[]) =>
    Object.fromEntries(
      (Object.keys(measures[0]!) as Name[]).map((name) => [name, median(measures.map((measure) => measure[name]))]),
    ) as Record<Name, number>;
  return Object.fromEntries([...seen].map(([name, measures]) => [name, middle(measures)])) as Record<
    Contestant,
    Measurements<Name>
  >;
}

function shuffled<T>(all: readonly T[]): T[] {
  const places = all.map((one) => ({ one, place: Math.random() }));
  return places.sort((a, b) => a.place - b.place).map(({ one }) => one);
}

/** Returns the processor time of some work in this process, with its threads, in seconds. */
export async function processorSeconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
