import { ByteWriter } from '../../common/byte-writer.ts';
import { notAvailable } from '../../flow-log/fields.ts';
import { readIpv4, textOfIpv4 } from '../columns/key-fields.ts';
import { addressCount, ofKey, sampleLengths } from '../columns/sample-text.ts';
import type { ByteReader } from './byte-reader.ts';
import { ReferenceReader, Renumbered } from './renumbered.ts';

/** How the address of a sample is written. */
const addressKinds = { none: 0, ofKey: 1, ipv4: 2, text: 3 } as const;

/** Writes samples field by field: addresses as bytes, other values as references to a table of words. */
export function writeSamples(writer: ByteWriter, samples: readonly string[]): void {
  const all = samples.map((sample) => sample.split(' '));
  const words = new Renumbered<string>();
  const references = new ByteWriter();
  for (let index = addressCount; index < sampleLengths[1]; index += 1) {
    for (const values of all) if (index < values.length) references.number(words.reference(values[index]!));
  }
  writer.number(words.used.length);
  for (const word of words.used) writer.text(word);
  writer.number(all.length);
  for (const values of all) writer.byte(values.length === sampleLengths[0] ? 0 : 1);
  for (let index = 0; index < addressCount; index += 1) for (const values of all) writeAddress(writer, values[index]!);
  writer.raw(references.bytes());
}

/** Reads the samples of writeSamples. */
export function readSamples(reader: ByteReader): string[] {
  const words = Array.from({ length: reader.count('words') }, () => readWord(reader));
  const samples = Array.from({ length: reader.count('samples') }, () => ({
    length: sampleLengths[reader.below(2, 'a length') as 0 | 1],
    values: [] as string[],
  }));
  for (let index = 0; index < addressCount; index += 1) {
    for (const { values } of samples) values.push(readAddress(reader));
  }
  const references = new ReferenceReader(reader, words);
  for (let index = addressCount; index < sampleLengths[1]; index += 1) {
    for (const { length, values } of samples) {
      if (index >= length) continue;
      const word = references.thing();
      reader.expand(word.length);
      values.push(word);
    }
  }
  return samples.map(({ values }) => values.join(' '));
}

function readWord(reader: ByteReader): string {
  const word = reader.text();
  if (word === '' || word.includes(' ')) throw reader.invalid('a word with blanks', 'a value without blanks');
  return word;
}

function writeAddress(writer: ByteWriter, address: string): void {
  const bytes = new Uint8Array(4);
  if (address === notAvailable) writer.byte(addressKinds.none);
  else if (address === ofKey) writer.byte(addressKinds.ofKey);
  else if (readIpv4(address, 0, bytes, 0) === address.length) {
    writer.byte(addressKinds.ipv4);
    writer.raw(bytes);
  } else {
    writer.byte(addressKinds.text);
    writer.text(address);
  }
}

function readAddress(reader: ByteReader): string {
  switch (reader.below(4, 'an address kind')) {
    case addressKinds.none:
      return notAvailable;
    case addressKinds.ofKey:
      return ofKey;
    case addressKinds.ipv4:
      return textOfIpv4(reader.raw(4), 0);
    default:
      return readWord(reader);
  }
}
