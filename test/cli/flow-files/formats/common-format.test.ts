import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamFormats } from '../../../../cli/flow-files/formats/common-format.ts';
import { fields } from '../../../../lambda/flow-log/fields.ts';
import { ambiguities, defaultFormat, type Format } from '../../../../lambda/flow-log/format.ts';
import { parseLine } from '../../../../lambda/parse/parse-line.ts';
import { directed, formatOf, lakeRowOf, v2 } from '../../../support/flows.ts';
import { byTier } from '../../../support/tier.ts';
import { flowFolder, readAll, valuesOf } from '../flow-folder.ts';

const some: Readonly<Record<string, readonly string[]>> = {
  'account-id': ['123456789012', '-'],
  srcaddr: ['10.0.1.5', '2001:db8::1', '-'],
  dstaddr: ['198.51.100.3', '-'],
  srcport: ['443', '-'],
  bytes: ['9223372036854775807', '0'],
  start: ['1795510800'],
  end: ['1795510850', '1795510999'],
  action: ['ACCEPT', 'REJECT', '-'],
  'log-status': ['OK'],
  'vpc-id': ['vpc-1'],
  'tcp-flags': ['2', '-'],
  'flow-direction': ['ingress', 'egress'],
  'reject-reason': ['BPA', '-'],
};

const anyFormat = fc
  .shuffledSubarray(['version', ...Object.keys(some)], { minLength: 2 })
  .map((names) => formatOf(names.join(' ')));

const anyLine = (format: Format) =>
  fc
    .tuple(
      ...format.names.map((name) =>
        name === 'version' ? fc.constant(String(format.version)) : fc.constantFrom(...some[name]!),
      ),
    )
    .map((values) => values.join(' '));

const anyFile = anyFormat.chain((format) =>
  fc.record({
    format: fc.constant(format),
    lines: fc.array(anyLine(format), { minLength: 1, maxLength: 5 }),
    isDecoded: fc.boolean(),
  }),
);

describe('openFlowFiles on any formats', () => {
  it('keeps every value, and never mistakes the format of a line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyFile, { minLength: 1, maxLength: 4 }), fc.boolean(), async (files, hasRecords) => {
        const folder = flowFolder({
          ...Object.fromEntries(
            files.map(({ format, lines, isDecoded }, index) => [
              String(index),
              isDecoded
                ? lines.map((line) => lakeRowOf(parseLine(line, [format]), [])).join('')
                : `${format.names.join(' ')}\n${lines.join('\n')}`,
            ]),
          ),
          ...(hasRecords && { event: JSON.stringify({ records: [{ data: Buffer.from(record).toString('base64') }] }) }),
        });
        const { flows, read, problems, flowFiles } = await readAll(folder);
        expect(problems).toEqual({});
        expect(ambiguities(flowFiles.formats)).toEqual([]);
        expect(read.every(({ outcome }) => outcome.kind === 'lines')).toBe(true);
        const expected = [
          ...files.flatMap(({ format, lines }) => lines.map((line) => parseLine(line, [format]))),
          ...(hasRecords ? [parseLine(record, [v2])] : []),
        ];
        expect(flows.map(withoutVersion).sort()).toEqual(
          expected.map((line) => (line.kind === 'flow' ? withoutVersion(line.flow) : line.kind)).sort(),
        );
      }),
      { numRuns: byTier(75, 300) },
    );
  });
});

const record = '2 - eni-1 - - 22 - - - - 1795510800 1795510850 - OK';

/** Only the version may change, to the version of the fields. */
function withoutVersion(flow: Parameters<typeof valuesOf>[0]): string {
  const { version: _, ...values } = valuesOf(flow);
  return JSON.stringify(Object.entries(values).sort());
}

describe('streamFormats', () => {
  it('keeps unambiguous formats', () => {
    const { formats, common } = streamFormats({ ofRecords: [v2], ofLines: [v2, directed], ofNames: [] });
    expect(formats).toEqual([v2, directed]);
    expect(common).toBeUndefined();
  });

  it('takes the format of a header when a set of names has exactly its fields', () => {
    const reversed = formatOf(v2.names.toReversed().join(' '));
    const { formats } = streamFormats({ ofRecords: [], ofLines: [reversed], ofNames: [new Set(v2.names)] });
    expect(formats).toEqual([reversed]);
  });

  it('puts names in the order in which AWS publishes the fields', () => {
    const { formats } = streamFormats({ ofRecords: [], ofLines: [], ofNames: [new Set(fields.keys())] });
    expect(formats[0]!.names).toEqual([...fields.keys()]);
    expect(formats[0]!.names.slice(0, v2.names.length).join(' ')).toBe(defaultFormat);
  });

  it('returns one common format when there are too many', () => {
    const ofLines = [...fields.keys()].map((name, index) =>
      formatOf([...new Set([...v2.names.slice(0, index % 14), name])].join(' ')),
    );
    const { formats, common } = streamFormats({ ofRecords: [v2], ofLines, ofNames: [] });
    expect(formats).toEqual([v2, common]);
    expect(common!.names).toHaveLength(fields.size);
  });
});
