// Counts a file with a simple script: splits each default-format line at the blanks, and adds up pairs in a map.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

const [, , path] = process.argv;
const pairs = new Map();
for await (const line of createInterface({ input: createReadStream(path) })) {
  const fields = line.split(' ');
  const pair = `${fields[3]} ${fields[4]}`;
  const sums = pairs.get(pair) ?? { bytes: 0, rejects: 0 };
  pairs.set(pair, sums);
  if (fields[12] === 'ACCEPT') sums.bytes += Number(fields[9]);
  else if (fields[12] === 'REJECT') sums.rejects += 1;
}
process.stdout.write([...pairs].map(([pair, { bytes, rejects }]) => `${pair} ${bytes} ${rejects}\n`).join(''));
