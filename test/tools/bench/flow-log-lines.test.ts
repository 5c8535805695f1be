import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { logFields } from '../../../lambda/flow-log/deployed-format.ts';
import { type Format, parseFormat } from '../../../lambda/flow-log/format.ts';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import { flowLogLines } from '../../../tools/bench/flow-log-lines.ts';

const hashOf = (lines: Iterable<string>) => {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest('hex');
};

describe('flowLogLines', () => {
  it('generates the same lines on every machine', () => {
    expect(hashOf(flowLogLines({ lines: 2000, pairs: 500 }))).toMatchInlineSnapshot(
      `"afef1ae3be68f3bdfa7deb0d00fceb0148278d52857d1825c03478d653a3ab16"`,
    );
  });

  it('generates lines of the default format, with a skewed distribution of the given pairs', () => {
    const lines = [...flowLogLines({ lines: 5000, pairs: 1000 })].map((line) => line.split(' '));
    const pairs = Map.groupBy(lines, (fields) => `${fields[3]} ${fields[4]}`);
    const sizes = [...pairs.values()].map((all) => all.length).sort((a, b) => b - a);

    expect(new Set(lines.map((fields) => fields.length))).toEqual(new Set([14]));
    expect(pairs.size).toBeLessThanOrEqual(1000);
    // An eighth of the pairs has half of the lines.
    const ofTopEighth = sizes.slice(0, 125).reduce((sum, size) => sum + size, 0);
    expect(ofTopEighth).toBeGreaterThan(2000);
  });

  it('generates a header and flows of 27 fields when the format is that of the deployed flow logs', () => {
    const [header, ...lines] = flowLogLines({ lines: 100, pairs: 50, format: 'deployed' });
    const format = parseFormat(header!) as Format;

    expect(format.names).toEqual(logFields);
    expect(lines.map((line) => parseLine(line, [format]).kind)).toEqual(Array(100).fill('flow'));
    expect(new Set(lines.map((line) => Number(line.split(' ')[0])))).toEqual(new Set([format.version]));
  });

  it('generates accepts and rejects with ascending times', () => {
    const lines = [...flowLogLines({ lines: 1000, pairs: 10 })].map((line) => line.split(' '));
    const ends = lines.map((fields) => Number(fields[11]));

    expect(new Set(lines.map((fields) => fields[12]))).toEqual(new Set(['ACCEPT', 'REJECT']));
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
  });
});
