import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { epoch, lineOf } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { writeLog } from '../replay/flow-logs.ts';

const folder = temporaryFolder();
const header = 'srcaddr dstaddr bytes action';
const lines = ['10.0.1.5 10.0.2.7 40 ACCEPT', '10.0.1.5 10.0.2.7 - REJECT'];
const undated = join(folder, 'undated');
writeLog(undated, 'a.log', [header, ...lines]);
const dashed = join(folder, 'dashed');
writeLog(dashed, 'a.log', [lineOf({ start: '-', end: '-' })]);
const delivered = join(folder, 'delivered');
writeLog(delivered, '123456789012_vpcflowlogs_us-east-1_fl-0a_20261124T0905Z_4b2f.log', [header, ...lines]);
const mixed = join(folder, 'mixed');
writeLog(mixed, 'a.log', [header, ...lines]);
writeLog(mixed, 'b.log', [lineOf()]);

const reason = 'its flows have no time: start and end are missing; this command needs times, count and hunt do not';

describe('flows without a time', () => {
  it.each(['replay', 'backtest'])('refuses flows without a time in %s, with the reason', async (command) => {
    for (const path of [undated, dashed]) {
      const { code, stdout, stderr } = await run(command, path);
      expect({ code, stdout, stderr }).toEqual({
        code: 2,
        stdout: '',
        stderr: `flow-sentinel: ${join(path, 'a.log')} cannot be read: ${reason}\n`,
      });
    }
  });

  it('refuses flows without a time in replay when --format names a format without times', async () => {
    writeLog(join(folder, 'bare'), 'a.log', lines);
    const { code, stderr } = await run('replay', join(folder, 'bare'), '--format', header);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(reason) as unknown });
  });

  it('leaves out only the file of flows without a time when replay reads others too', async () => {
    const { code, stdout, stderr } = await run('replay', '--json', mixed);
    expect(stderr).toBe(`flow-sentinel: ${join(mixed, 'a.log')} cannot be read: ${reason}\n`);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ records: { flows: 1 } });
  });

  it('gives flows the time of delivery when the name of the file states it', async () => {
    const { code, stdout } = await run('replay', '--json', delivered);
    const at = Date.parse('2026-11-24T09:05:00Z') / 1000;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ pairs: [{ firstSeen: at, lastSeen: at }] });
  });

  it('counts flows without a time in count, without times of their pairs', async () => {
    const json = await run('count', '--json', undated);
    expect(JSON.parse(json.stdout)).toMatchObject({
      period: null,
      pairs: [{ src: '10.0.1.5', bytes: 40, rejects: 1, firstSeen: null, lastSeen: null }],
    });
    const text = await run('count', undated);
    expect(text.stdout).toMatch(/10\.0\.1\.5 .* - +-$/m);
    expect(text.stdout).not.toContain('1970');
    expect({ code: text.code, stderr: text.stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('gives a pair the times of its other flows', async () => {
    const { stdout } = await run('count', '--json', mixed);
    expect(JSON.parse(stdout)).toMatchObject({ pairs: [{ firstSeen: epoch, lastSeen: epoch + 50 }] });
  });

  it('gives flows no day in hunt, and says that they have no time', async () => {
    const { code, stdout, stderr } = await run(
      'hunt',
      'sql',
      'SELECT day, srcaddr FROM vpc_flow_logs',
      undated,
      '--json',
    );
    expect(JSON.parse(stdout)).toEqual(lines.map(() => ({ day: null, srcaddr: '10.0.1.5' })));
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'flow-sentinel: the flows have no time: start and end are missing; hunts by time find nothing\n',
    });
  });
});
