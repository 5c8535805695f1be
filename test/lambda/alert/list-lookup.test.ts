import { describe, expect, it } from 'vitest';
import { lookupLists } from '../../../lambda/alert/list-lookup.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { readLists } from '../../support/rules.ts';

const lists = readLists(
  `
threats: {file: threats.csv}
monitored_networks: [10.0.0.0/8]
internal_networks: [10.0.0.0/8, {network: 10.0.1.0/24, label: offices}]
empty: []
`,
  { 'threats.csv': '10.0.1.5,bot,seen at night,2026-11-30\n10.0.0.0/16\n' },
);
const rules = loadRules(compileRules([], lists));
const lastSecond = Date.UTC(2026, 11, 1) / 1000 - 1;

describe('lookupLists', () => {
  it('returns each list with the address and its smallest network, in the order of the file', () => {
    expect(lookupLists(rules, '10.0.1.5', lastSecond)).toEqual([
      { list: 'threats', network: '10.0.1.5', label: 'bot', reason: 'seen at night' },
      { list: 'internal_networks', network: '10.0.1.0/24', label: 'offices' },
    ]);
    expect(lookupLists(rules, '10.9.0.1', lastSecond)).toEqual([{ list: 'internal_networks', network: '10.0.0.0/8' }]);
  });

  it('returns the larger network when the smaller one has expired', () => {
    expect(lookupLists(rules, '10.0.1.5', lastSecond + 1)[0]).toEqual({ list: 'threats', network: '10.0.0.0/16' });
  });

  it('returns no list when no list has the address, or the text is not an address', () => {
    expect(lookupLists(rules, '198.51.100.1', 0)).toEqual([]);
    expect(lookupLists(rules, 'light pairs', 0)).toEqual([]);
  });
});
