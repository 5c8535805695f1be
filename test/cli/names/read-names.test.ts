import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readNames } from '../../../cli/names/read-names.ts';
import { described } from '../../support/describe-answers.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const noHints = { own: [], interfaces: [], vpcs: [] };
const interfaces = (...all: Record<string, unknown>[]) => JSON.stringify({ NetworkInterfaces: all.map(described) });

/** Writes files into a new folder, and returns the folder. */
function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

describe('readNames', () => {
  it('reads the regions of a folder that collect has written, with their times', () => {
    const folder = folderWith({
      'collected.json': JSON.stringify({ version: 1, regions: [{ region: 'eu-west-1', time: 77 }] }),
      'eu-west-1/describe-network-interfaces.json': interfaces({ Attachment: { InstanceId: 'i-0a' } }),
      'eu-west-1/describe-instances.json': JSON.stringify({
        Reservations: [{ Instances: [{ InstanceId: 'i-0a', Tags: [{ Key: 'Name', Value: 'web-1' }] }] }],
      }),
    });
    const table = readNames(folder);
    expect(table.time).toBe(77);
    expect(table.addressOf('10.0.1.5', noHints)).toMatchObject({ name: 'web-1', time: 77 });
  });

  it.each([1e15, -1, 1.5, 'now', null])('takes the time of the file when the stated time is %j', (time) => {
    const folder = folderWith({
      'collected.json': JSON.stringify({ version: 1, regions: [{ region: 'eu-west-1', time }] }),
      'eu-west-1/a.json': interfaces({}),
    });
    utimesSync(join(folder, 'eu-west-1/a.json'), 100, 200);
    expect(readNames(folder).time).toBe(200);
  });

  it('takes the time of the file when nothing says when the answer was made', () => {
    const folder = folderWith({ 'a.json': interfaces({}) });
    utimesSync(join(folder, 'a.json'), 100, 200);
    expect(readNames(folder).time).toBe(200);
    expect(readNames(join(folder, 'a.json')).time).toBe(200);
  });

  it('reads files that gzip compressed, and leaves out files of other kinds', () => {
    const folder = folderWith({
      'a/b/c.json.gz': gzipSync(interfaces({})),
      'flows.log': 'no JSON',
      'other.json': '{"a":1}',
      'list.json': '[]',
    });
    expect(readNames(folder).size).toBe(1);
  });

  it.each([
    ['a file is missing', () => 'missing.json', 'missing.json cannot be read: no such file or folder'],
    [
      'a file is no JSON',
      () => join(folderWith({ 'a.json': 'a' }), 'a.json'),
      'a.json is not a JSON document of EC2: write it with --output json',
    ],
    [
      'a folder is empty',
      () => folderWith({}),
      'has no network interfaces: write them with npx flow-sentinel collect --out',
    ],
    [
      'a file has instances only',
      () => join(folderWith({ 'a.json': '{"Reservations":[]}' }), 'a.json'),
      'has no network interfaces',
    ],
  ])('throws an error that names the file and the remedy when %s', (_, path, message) => {
    expect(() => readNames(path())).toThrow(message);
  });
});
