import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { completedEvents } from '../../../cli/context/completed-events.ts';
import { describedPlaces } from '../../../cli/context/described-places.ts';
import { readContext } from '../../../cli/context/read-context.ts';
import { changeEvent, changeOf, findingEvent, findingOf, openedGroup } from '../../support/context-events.ts';
import { described } from '../../support/describe-answers.ts';
import { catching } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const group = 'sg-0a1b2c3d4e5f60718';

/** A folder with files of these contents; a name with .gz is compressed. */
function folderOf(files: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'inner'));
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text);
  }
  return folder;
}

describe('readContext', () => {
  it('reads files of each kind in a folder at any depth, and says what cannot be read', async () => {
    const lines = [findingEvent(findingOf({ id: 'f2' })), changeEvent(changeOf('DeleteFlowLogs', {}))];
    const folder = folderOf({
      'a.json.gz': { Records: [openedGroup(group), changeOf('DescribeInstances', {}, null, { readOnly: true })] },
      'b.jsonl': `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"severity": `,
      'inner/c.json': { Findings: [findingOf({ id: 'f1' }), { severity: 'x\u001b[2J' }] },
      'd.json': 'no JSON',
    });
    const { value, stderr } = await catching(() => readContext([folder], false));
    expect(value!.map(({ event }) => (event.kind === 'finding' ? event.id : event.event)).sort()).toEqual([
      'AuthorizeSecurityGroupIngress',
      'DeleteFlowLogs',
      'f1',
      'f2',
    ]);
    expect(stderr).toContain('d.json: the file is not JSON');
    expect(stderr).toContain('inner/c.json: entry 1: the finding has no valid id');
    expect(stderr).toContain('b.jsonl: entry 2: it is not JSON');
    expect(stderr).toContain('left out 3 events of context files');
    expect(stderr).not.toContain('\u001b');
  });

  it('adds the interfaces with a changed group by what EC2 described', async () => {
    const names = folderOf({ 'n.json': { NetworkInterfaces: [described({ Groups: [{ GroupId: group }] })] } });
    const events = await readContext([folderOf({ 'a.json': openedGroup(group) })], false);
    const [event] = (await completedEvents({ events, places: describedPlaces(names) }))!;
    expect(event).toMatchObject({ kind: 'change', hosts: [{ interface: 'eni-0a', addresses: ['10.0.1.5'] }] });
  });

  it('reads sample findings only when they count', async () => {
    const sample = findingOf({ service: { additionalInfo: { sample: true } } });
    const folder = folderOf({ 'a.json': sample });
    expect(await readContext([folder], false)).toEqual([]);
    expect(await readContext([folder], true)).toHaveLength(1);
  });

  it('throws an InputError when nothing is a finding or an API call, and the reason of an aborted signal', async () => {
    const folder = folderOf({ 'a.json': '[]' });
    await expect(readContext([folder], false)).rejects.toThrow('nothing is a finding or an API call');
    await expect(readContext([join(folder, 'none')], false)).rejects.toThrow('none');
    const reason = new Error('stopped');
    await expect(readContext([folder], false, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
