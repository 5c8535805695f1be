import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, readInput } from '../terminal/input-error.ts';

/** The region whose prices apply if no option names another region or list. */
export const defaultRegion = 'us-east-1';

/** The prices of the bill, and of what the bill is compared with. */
const priceNames = [
  'vendedLogsToFirehose',
  'firehoseVendedLogs',
  'firehosePut',
  'firehoseFormatConversion',
  'firehoseDynamicPartitioning',
  'firehosePartitionedObjects',
  'lambdaRequests',
  'lambdaGigabyteSeconds',
  'dynamoWriteUnits',
  'dynamoReadUnits',
  'dynamoStorage',
  'dynamoRecovery',
  'dynamoWriteCapacity',
  'dynamoReadCapacity',
  'dynamoReservedOneYear',
  'dynamoReservedThreeYears',
  'dynamoWarmWriteUnits',
  's3Standard',
  's3GlacierInstantRetrieval',
  's3Puts',
  's3Transitions',
  'snsPublishes',
  'snsMails',
  'cloudWatchMetrics',
  'cloudWatchAlarms',
  'cloudWatchDashboards',
  'cloudWatchLogs',
  'kmsKeys',
  'kmsRequests',
  'athenaScanned',
  'guardDutyFlowLogs',
  'vendedLogsToS3',
  'vendedLogsToCloudWatch',
  'contributorInsightsRules',
  'contributorInsightsEvents',
  'firehoseIceberg',
] as const;

export type PriceName = (typeof priceNames)[number];

const price = z.strictObject({
  unit: z.string(),
  /** In ascending order of volume; the last tier has no end. */
  tiers: z
    .array(z.strictObject({ upTo: z.number().positive().optional(), usd: z.number().nonnegative() }))
    .min(1)
    .refine(isAscending, 'each tier must end above the tier before it, and only the last must have no end'),
  source: z.string().min(1),
  /** The day of the source. */
  date: z.iso.date(),
  /** A public source confirms the price; otherwise the price is derived, from another region, or from memory. */
  verified: z.boolean(),
});

const priceList = z.strictObject({
  region: z.string(),
  currency: z.literal('USD'),
  written: z.iso.date(),
  about: z.string(),
  prices: z.strictObject(
    Object.fromEntries(priceNames.map((name) => [name, price])) as Record<PriceName, typeof price>,
  ),
});

/** A price per unit, in tiers of the units of a month. */
export type Price = z.infer<typeof price>;
/** The prices of one region, with the date on which the list was written. */
export type PriceList = z.infer<typeof priceList>;

/** Returns the regions whose price lists come with the program, sorted. */
export function pricedRegions(): string[] {
  const names = readdirSync(import.meta.dirname).map((name) => /^prices-(.+)\.json$/.exec(name)?.[1]);
  return names.filter((region) => region !== undefined).sort();
}

/**
 * Returns the price list of a region.
 *
 * @throws InputError that lists the known regions if no list of the region comes with the program
 */
export function priceFile(region: string = defaultRegion): string {
  const regions = pricedRegions();
  if (regions.includes(region)) return join(import.meta.dirname, `prices-${region}.json`);
  throw new InputError(
    `--region is invalid: got ${JSON.stringify(region)}, expected ${regions.join(' or ')}; for another region, copy cli/cost/prices-${defaultRegion}.json, change its prices, and pass the copy with --prices`,
  );
}

/**
 * Reads a price list: one that comes with the program, or another of the same shape.
 *
 * @throws InputError that names the file and each price that is missing or invalid
 */
export function readPriceList(file: string = priceFile()): PriceList {
  const text = readInput(file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InputError(`the price list ${file} is invalid: it is not JSON`);
  }
  const read = priceList.safeParse(json);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.') || 'the list'}: ${message}`);
  throw new InputError(`the price list ${file} is invalid: ${problems.join('; ')}`);
}

/** Returns the cost of the units of a month in US dollars, each tier at its price. */
export function priced({ tiers }: Pick<Price, 'tiers'>, units: number): number {
  let [below, usd] = [0, 0];
  for (const { upTo = Number.POSITIVE_INFINITY, usd: each } of tiers) {
    if (units > below) usd += (Math.min(units, upTo) - below) * each;
    below = upTo;
  }
  return usd;
}

function isAscending(tiers: readonly { readonly upTo?: number | undefined }[]): boolean {
  const ends = tiers.map(({ upTo = Number.POSITIVE_INFINITY }) => upTo);
  return ends.at(-1) === Number.POSITIVE_INFINITY && ends.every((end, index) => index === 0 || end > ends[index - 1]!);
}
