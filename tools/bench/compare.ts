/** The middle of numbers, the lower of the two where they are even in number. @throws Error for none */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('there is no median of nothing');
  return middle;
}

/** What one run came to, a number for each thing that is measured of it. */
export type Measurements<Name extends string> = Readonly<Record<Name, number>>;

/**
 * Runs several contestants in turn, so that what else the machine does meets them alike, and takes the median of each. The
 * order is another in each round, by chance: garbage is collected at regular times, and in no order would all pay for it alike.
 *
 * @param rounds how often each runs; the first round but `warmUp` before it
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

/** Seconds of processor time that some work in this process takes, with its helping threads. */
export async function processorSeconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
