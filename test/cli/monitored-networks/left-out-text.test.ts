import { describe, expect, it } from 'vitest';
import { leftOutLines, leftOutText, monitoringJson } from '../../../cli/monitored-networks/left-out-text.ts';
import { SourceObservations } from '../../../cli/statistics/source-observations.ts';
import { parseNetworks } from '../../../sigma/compile/monitored-network.ts';

const monitored = (...texts: string[]) => ({ networks: parseNetworks(texts), source: 'mine.yml' });

function unloggedOf(flows: readonly (readonly [address: string, bytes: number])[], maxSources?: number) {
  const sources = new SourceObservations(maxSources);
  for (const [address, bytes] of flows) sources.addLeftOut(address, bytes);
  return sources.unlogged();
}

describe('leftOutLines', () => {
  it('names the first networks, and the number of flows left out', () => {
    const networks = ['10.0.0.0/16', '10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16', 'fd00::/56'];
    expect(leftOutLines({ monitored: monitored(...networks), leftOut: 1234 })).toEqual([
      '1,234 flows left out: also logged at another interface (monitored networks: 10.0.0.0/16, 10.1.0.0/16, 10.2.0.0/16 and 2 more, from mine.yml)',
    ]);
  });

  it.each([
    [[['10.0.9.5', 500]], '10.0.9.5 has no egress records here: is it logged? Its flow (500 bytes) is not counted'],
    [
      [
        ['10.0.9.5', 500],
        ['10.0.9.6', 700],
        ['10.0.9.6', 800],
      ],
      '10.0.9.6 and 1 more have no egress records here: are they logged? Their 3 flows (2 kB) are not counted',
    ],
  ] as const)('asks whether the source with the most bytes is logged when it has no egress records', (flows, line) => {
    expect(leftOutLines({ monitored: monitored('10.0.0.0/16'), leftOut: 9, unlogged: unloggedOf(flows) })[1]).toBe(
      line,
    );
  });

  it('gives a lower bound when there are too many sources to remember', () => {
    const unlogged = unloggedOf(
      [
        ['10.0.9.5', 500],
        ['10.0.9.6', 700],
        ['10.0.9.7', 900],
      ],
      2,
    );
    expect(leftOutLines({ monitored: monitored('10.0.0.0/16'), leftOut: 3, unlogged })[1]).toMatch(
      /^10\.0\.9\.6 and at least 1 more have .* Their 2 flows \(1\.2 kB\)/,
    );
  });

  it('says that networks leave out nothing when the format has no flow-direction', () => {
    expect(leftOutLines({ monitored: monitored('10.0.0.0/16'), leftOut: undefined })).toEqual([
      'no flow left out, since the format has no flow-direction: flows logged at both ends count twice',
    ]);
    expect(leftOutLines({ monitored: monitored(), leftOut: undefined })).toEqual([]);
  });

  it('says that flows count twice when there are no networks, and how to name them', () => {
    const none = { networks: [], source: undefined };
    expect(leftOutText({ monitored: none, leftOut: 0 })).toBe(
      '  flows logged at both ends count twice: name the networks by --monitored-networks or in flow-sentinel.json\n',
    );
    expect(leftOutText({ monitored: { ...none, needsStage: true }, leftOut: 0 })).toContain('by --stage, or give');
    expect(leftOutText(undefined)).toBe('');
  });
});

describe('monitoringJson', () => {
  it('has the networks, their source, and unlogged sources only when there are any', () => {
    const unlogged = unloggedOf([['10.0.9.5', 500]]);
    const monitoredNetworks = { networks: ['10.0.0.0/16'], source: 'mine.yml' };
    expect(monitoringJson({ monitored: monitored('10.0.0.0/16'), leftOut: 1 })).toEqual({ monitoredNetworks });
    expect(monitoringJson({ monitored: monitored('10.0.0.0/16'), leftOut: 1, unlogged })).toEqual({
      monitoredNetworks,
      sourcesWithoutEgress: {
        ...{ sources: 1, isComplete: true, flows: 1, bytes: 500 },
        examples: [{ address: '10.0.9.5', flows: 1, bytes: 500 }],
      },
    });
  });
});
