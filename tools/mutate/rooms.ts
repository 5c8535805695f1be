/** The pure rooms of the product, each with the share of faults that its own tests find at least. */
export const rooms: Readonly<Record<string, number>> = {
  'lambda/parse': 0.7,
  'lambda/aggregate': 0.7,
  'lambda/counters': 0.9,
  'lambda/count': 0.7,
  'lambda/evaluate': 0.7,
  'lambda/alert': 0.7,
  'lambda/respond': 0.7,
  'lambda/rules': 0.7,
  'lambda/networks': 0.9,
  'lambda/flow-log': 0.9,
  'sigma/compile': 0.7,
};
