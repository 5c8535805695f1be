import { type Dialect, type HuntedList, huntedLists } from './sql-dialect.ts';

/**
 * The SQL of Athena. A query contains its lists of networks: documentation networks (RFC 5737), which users replace, and
 * private networks (RFC 1918, RFC 6598, RFC 4193).
 */
export const athenaDialect: Dialect = {
  since,
  // Yesterday and today.
  recent: () => since(1),
  listTable: (list) => {
    const values = networks[list].map((network) => `('${network}')`).join(', ');
    return `${huntedLists[list]} (network) AS (\n  VALUES ${values}\n)`;
  },
  contains: (network, address) => `contains(${network}, TRY_CAST(${address} AS ipaddress))`,
};

function since(days: number): string {
  return `day >= CAST(current_date - INTERVAL '${days}' DAY AS varchar)`;
}

const networks: Readonly<Record<HuntedList, readonly string[]>> = {
  suspicious_ranges: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'],
  internal_networks: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'],
};
