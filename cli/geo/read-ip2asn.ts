import { truncate } from '../../lambda/common/text.ts';
import { InputError } from '../terminal/input-error.ts';
import { type AddressNumber, addressNumber, addressOf } from './address-range.ts';
import type { NetworkRange } from './geo-table-bytes.ts';
import type { LeftOut, NetworkSource } from './network-source.ts';

/** A line of the file. */
interface Line {
  readonly bits: AddressNumber['bits'];
  readonly range: NetworkRange;
  readonly operatorName: string;
}

/**
 * Reads the lines of ip2asn-combined.tsv: range_start, range_end, AS_number, country_code and AS_description, separated by
 * tabs. The country `None` and AS 0 mean none. A range with neither is a gap.
 *
 * @param onRead is told the number of characters that have been read
 * @throws InputError that names the line, if ranges overlap or do not ascend
 */
export function readIp2Asn(text: string, name: string, onRead: (characters: number) => void = () => {}): NetworkSource {
  const networks = { 32: [] as NetworkRange[], 128: [] as NetworkRange[] };
  const before: Record<32 | 128, { range: NetworkRange; number: number } | undefined> = {
    32: undefined,
    128: undefined,
  };
  const operatorNames = new Map<number, string>();
  const leftOut: LeftOut[] = [];
  for (const { line, number, end } of linesOf(text)) {
    if (number % 10_000 === 0) onRead(end);
    if (line.trim() === '') continue;
    const read = readLine(line);
    if ('problem' in read) {
      leftOut.push({ where: `${name}:${number}`, problem: read.problem });
      continue;
    }
    const { bits, range, operatorName } = read;
    checkAfter(before[bits], range, bits, `${name}:${number}`);
    before[bits] = { range, number };
    if (range.asn !== undefined && operatorName !== '' && !operatorNames.has(range.asn))
      operatorNames.set(range.asn, operatorName);
    if (range.asn !== undefined || range.country !== undefined) networks[bits].push(range);
  }
  return { networks: { ipv4: networks[32], ipv6: networks[128] }, operatorNames, leftOut };
}

function* linesOf(text: string): Generator<{ line: string; number: number; end: number }> {
  let begin = 0;
  for (let number = 1; begin < text.length; number += 1) {
    const feed = text.indexOf('\n', begin);
    const end = feed < 0 ? text.length : feed;
    yield { line: text.slice(begin, end), number, end };
    begin = end + 1;
  }
}

function readLine(line: string): Line | { readonly problem: string } {
  const columns = line.replace(/\r$/, '').split('\t');
  if (columns.length < 5) return { problem: `the line has ${columns.length} columns, expected 5 separated by tabs` };
  const [start = '', end = '', as = '', country = '', ...description] = columns;
  const [first, last] = [addressNumber(start), addressNumber(end)];
  if (!first) return { problem: invalid('the start of the range', start, 'an address') };
  if (!last) return { problem: invalid('the end of the range', end, 'an address') };
  if (first.bits !== last.bits || first.value > last.value)
    return { problem: invalid('the end of the range', end, `an address from ${start} on`) };
  if (!/^\d{1,10}$/.test(as) || Number(as) > 0xffff_ffff)
    return { problem: invalid('the AS number', as, '0 to 4294967295') };
  if (!/^(?:[A-Z]{2}|None)$/.test(country)) return { problem: invalid('the country', country, 'two letters or None') };
  const range = {
    first: first.value,
    last: last.value,
    country: country === 'None' ? undefined : country,
    asn: Number(as) === 0 ? undefined : Number(as),
  };
  return { bits: first.bits, range, operatorName: description.join(' ').trim() };
}

function invalid(noun: string, got: string, expected: string): string {
  return `${noun} is invalid: got ${JSON.stringify(truncate(got, 60))}, expected ${expected}`;
}

function checkAfter(
  before: { readonly range: NetworkRange; readonly number: number } | undefined,
  { first }: NetworkRange,
  bits: 32 | 128,
  where: string,
): void {
  if (!before || first > before.range.last) return;
  const begin = `${where}: the range begins at ${addressOf({ bits, value: first })}`;
  const problem =
    first < before.range.first
      ? `before the range of line ${before.number}, expected ascending ranges`
      : `in the range of line ${before.number}, expected ranges without overlaps`;
  throw new InputError(`${begin}, ${problem}; download the file again`);
}
