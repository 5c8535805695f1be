import { counterKey, pairKey } from '../../../../lambda/counters/counter-key.ts';
import type { KeyDelta } from '../../../../lambda/counters/delta.ts';
import type { Evidence } from '../../../../lambda/flow-log/evidence.ts';
import { directed, flowOf } from '../../../support/flows.ts';

const evidence: Evidence = {
  flows: 3,
  values: new Map([
    ['account-id', ['123456789012']],
    ['action', ['ACCEPT']],
    ['dstaddr', ['fc00::7']],
    ['dstport', ['443']],
    ['flow-direction', ['egress']],
    ['interface-id', ['eni-0a1b2c3d4e5f60718']],
    ['protocol', ['6']],
    ['srcaddr', ['10.0.1.5']],
  ]),
  truncatedFields: new Set(),
  hasPacketAddresses: true,
  samples: [flowOf({ 'flow-direction': 'egress', dstaddr: 'fc00::7' }, directed)],
};

/** The deltas of page-v1.bin. A later version of the format keeps both, and adds a file with its own version. */
export const deltasOfVersion1: readonly KeyDelta[] = [
  {
    key: counterKey(['interface-id'], ['eni-0a1b2c3d4e5f60718']),
    part: 0,
    totals: undefined,
    firstSeen: 1_795_510_800,
    lastSeen: 1_795_510_850,
    additions: [{ series: 'e4e4', slot: 9_975_060, amount: 1 }],
    evidence: new Map([['e4e4', evidence]]),
    overflowPairs: 0,
  },
  {
    key: counterKey(['instance-tag'], ['ü'.repeat(600)]),
    part: 0,
    totals: undefined,
    firstSeen: 1_795_510_700,
    lastSeen: 1_795_510_850,
    additions: [{ series: 'd3d3', slot: 39_900_240, values: ['443', '22'], cap: 6 }],
    evidence: new Map(),
    overflowPairs: 0,
  },
  {
    key: pairKey('*:22', '10.0.2.7'),
    part: 0,
    totals: { bytes: 0, rejects: 3 },
    firstSeen: 1_795_510_700,
    lastSeen: 1_795_510_860,
    additions: [{ series: 'c0c0', slot: 29_925_181, amount: 3 }],
    evidence: new Map(),
    overflowPairs: 1234,
  },
  {
    key: pairKey('10.0.1.5', '10.0.2.7'),
    part: 0,
    totals: { bytes: 2n ** 64n, rejects: 1 },
    firstSeen: 1_795_510_000,
    lastSeen: 1_795_510_860,
    additions: [
      { series: 'b1b1', slot: 39_900_222, amount: 2n ** 64n },
      { series: 'c0c0', slot: 29_925_181, amount: 17 },
    ],
    evidence: new Map(),
    overflowPairs: 0,
  },
  {
    key: pairKey('10.0.1.5', '10.0.2.7'),
    part: 1,
    totals: { bytes: 0, rejects: 0 },
    firstSeen: 1_795_510_000,
    lastSeen: 1_795_510_860,
    additions: [{ series: 'b2b2', slot: 415_627, amount: 40 }],
    evidence: new Map(),
    overflowPairs: 0,
  },
];
