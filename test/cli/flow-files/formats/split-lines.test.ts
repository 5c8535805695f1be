import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineTime } from '../../../../cli/flow-files/formats/line-time.ts';
import { linesOf } from '../../../../cli/flow-files/formats/split-lines.ts';
import { timeOf } from '../../../../lambda/flow-log/flow.ts';
import { parseLine } from '../../../../lambda/parse/parse-line.ts';
import { anyFlowValues, directed, lineOf, v2 } from '../../../support/flows.ts';

async function read(chunks: readonly string[], maxBytes = 20): Promise<{ lines: string[]; tooLong: number[] }> {
  async function* source() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const lines: string[] = [];
  const tooLong: number[] = [];
  for await (const batch of linesOf(source(), maxBytes, (text) => tooLong.push(Number(/^line (\d+) /.exec(text)![1]))))
    lines.push(...batch.map(String));
  return { lines, tooLong };
}

describe('linesOf', () => {
  it('splits the same lines regardless of the chunks, and skips lines over the limit', async () => {
    const anyLine = fc.string({ maxLength: 30, unit: fc.constantFrom('a', ' ', '\r', '-') });
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine), fc.boolean(), fc.array(fc.nat(300)), async (texts, isOpen, cuts) => {
        const content = texts.map((text) => `${text}\n`).join('') + (isOpen ? 'open' : '');
        const places = [0, ...cuts.map((at) => Math.min(at, content.length)).sort((a, b) => a - b), content.length];
        const chunks = places.slice(1).map((at, index) => content.slice(places[index]!, at));
        const all = [...texts, ...(isOpen ? ['open'] : [])];
        const { lines, tooLong } = await read(chunks.filter((chunk) => chunk !== ''));
        expect(lines).toEqual(all.filter((text) => text.length < 20).map((text) => `${text}\n`));
        expect(tooLong).toEqual(all.flatMap((text, index) => (text.length < 20 ? [] : index + 1)));
      }),
    );
  });

  it('stores nothing of a line over the limit', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let given = 0;
    async function* source() {
      for (; given < 2000; given += 1) yield chunk;
      yield Buffer.from('\nlast');
    }
    const before = process.memoryUsage().arrayBuffers;
    const problems: string[] = [];
    let most = 0;
    for await (const [line] of linesOf(source(), 1024 * 1024, (text) => problems.push(text))) {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      expect(String(line)).toBe('last\n');
    }
    expect(problems).toEqual(['line 1 is longer than 1 MiB and was left out']);
    expect(most).toBeLessThan(8 * 1024 * 1024);
  });
});

describe('lineTime', () => {
  it('finds the time of the flow that the line is parsed to', () => {
    const anyLine = fc.tuple(anyFlowValues, fc.constantFrom(v2, directed), fc.constantFrom(' ', '  ', '\t'));
    fc.assert(
      fc.property(
        anyLine,
        fc.constantFrom({}, { end: '-' }, { end: '-', start: '-' }),
        ([values, format, blank], odd) => {
          const line = lineOf({ ...values, ...odd }, format).replaceAll(' ', blank);
          const parsed = parseLine(line, [format]);
          expect(parsed.kind).toBe('flow');
          const expected = parsed.kind === 'flow' ? timeOf(parsed.flow) : undefined;
          expect(lineTime([format])(Buffer.from(`${line}\r\n`))).toBe(expected);
          expect(lineTime([v2, directed])(Buffer.from(line))).toBe(expected);
        },
      ),
    );
  });

  it.each([
    ['no line', ''],
    ['a line with too few fields', 'a b c'],
    ['a line with too many fields', `${lineOf()} x`],
    ['an invalid time', lineOf({ end: '17x', start: '12345678901234' })],
  ])('returns undefined for %s', (_, line) => {
    expect(lineTime([v2])(Buffer.from(line))).toBeUndefined();
  });
});
