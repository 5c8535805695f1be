import { describe, expect, it } from 'vitest';
import { epoch, lineOf, v2 } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { writeLog } from '../replay/flow-logs.ts';

const day = 86_400;
const at = (seconds: number) => ({ start: epoch + seconds - 50, end: epoch + seconds });
const lines = [
  lineOf({ dstaddr: '198.51.100.1', ...at(0) }),
  lineOf({ srcaddr: '10.0.1.6', dstaddr: '198.51.100.2', ...at(day) }),
  // Known to another host.
  lineOf({ dstaddr: '198.51.100.2', ...at(2 * day) }),
  lineOf({ dstaddr: '198.51.100.9', dstport: 8443, bytes: 5000, ...at(2 * day) }),
  lineOf({ dstaddr: '198.51.100.9', ...at(2 * day + 60) }),
  // Not asked, but answered; rejected; inside; from outside.
  lineOf({ dstaddr: '198.51.100.10', srcport: 443, dstport: 50_000, ...at(2 * day) }),
  lineOf({ dstaddr: '198.51.100.11', action: 'REJECT', ...at(2 * day) }),
  lineOf({ dstaddr: '10.0.2.99', ...at(2 * day) }),
  lineOf({ srcaddr: '203.0.113.5', dstaddr: '198.51.100.12', ...at(2 * day) }),
];
const file = writeLog(temporaryFolder(), 'three-days.log', [v2.names.join(' '), ...lines]);

describe('hunt new-targets', () => {
  it('shows targets of the last 24 hours that no inside host asked before, and says what they are compared with', async () => {
    const { stdout, ...others } = await run('hunt', 'new-targets', file);
    expect(others).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "Targets outside the private networks that inside hosts reached in the last day and no inside host reached in the days before. AWS services are left out.

        src       dst           dstports   flows  total_bytes  first_seen           last_seen            days_before
        10.0.1.5  198.51.100.9  443, 8443      2         6000  2026-11-26 08:59:10  2026-11-26 09:01:00            2

      1 row from 9 flows, times in UTC.
      New from 2026-11-25 09:01:01 on, compared with the 1.0 days before, from 2026-11-24 09:00:00.
      The log format has no pkt-srcaddr and pkt-dstaddr: flows through a NAT gateway also appear as the flows of the gateway.
      1 empty column not shown.
      "
    `);
  });

  it('compares with the days before --since', async () => {
    const { stdout } = await run('hunt', 'new-targets', file, '--since', '2026-11-25', '--json');
    expect((JSON.parse(stdout) as { dst: string; days_before: number }[]).map(({ dst }) => dst)).toEqual([
      '198.51.100.9',
      '198.51.100.2',
      '198.51.100.2',
    ]);
    const limited = await run('hunt', 'new-targets', file, '--since', '2026-11-25', '--to', '2026-11-25', '--json');
    expect(JSON.parse(limited.stdout)).toMatchObject([{ src: '10.0.1.6', dst: '198.51.100.2', days_before: 1 }]);
  });

  it.each([
    [
      'no flows are before the range',
      ['--from', '2026-11-26'],
      'new-targets compares with the flows before 2026-11-26 09:00:00, and there are none: the flows end from 2026-11-26 09:00:00 to 2026-11-26 09:01:00 (UTC); add the logs of earlier days, or choose a later --since',
    ],
    [
      'no flows are since --since',
      ['--since', '2026-12-01'],
      '--since is invalid: got 2026-12-01 00:00:00, expected a time within the flows, 2026-11-24 09:00:00 to 2026-11-26 09:01:00 (UTC)',
    ],
  ])('exits with 2 when %s', async (_, options, message) => {
    const { code, stdout, stderr } = await run('hunt', 'new-targets', file, ...options);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `flow-sentinel: ${message}\n` });
  });
});
