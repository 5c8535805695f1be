import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatMagnitude, parseMagnitude } from '../../../cli/terminal/magnitude.ts';
import { costPage, costPageText } from '../../../tools/docs/cost-page.ts';
import { run } from '../../support/run-program.ts';

const page = readFileSync(costPage, 'utf8');

describe('cost', () => {
  it('prints the examples of docs/operate/cost.md', () => {
    expect(costPageText()).toBe(page);
  });

  it('prints the drivers and the savings for each volume', async () => {
    const { code, stdout } = await run('cost', '--records-per-day', '1000000', '100000000', '10000000000');
    expect(code).toBe(0);
    for (const volume of ['1 M', '100 M', '10 G']) expect(stdout).toContain(`${volume} records a day\n`);
    expect(stdout.match(/Driven by /g)).toHaveLength(3);
    expect(stdout.match(/Lower by /g)).toHaveLength(3);
  });

  it('prints a bill for each volume, in their order, with --json', async () => {
    const { stdout } = await run('cost', '--records-per-day', '10G', '1M', '--encryption', 'own', '--json');
    const { region, answers } = JSON.parse(stdout);
    expect(region).toBe('us-east-1');
    expect(answers.map((answer: { usage: { recordsPerDay: number } }) => answer.usage.recordsPerDay)).toEqual([
      1e10, 1e6,
    ]);
    const services = answers[0].bill.lines.map((line: { service: string }) => line.service);
    expect(new Set(services)).toContain('KMS');
    expect(answers[0].bill.usd).toBeGreaterThan(answers[1].bill.usd);
  });

  it('differs from the mean when --traffic names one style', async () => {
    const usdOf = async (...more: string[]) => {
      const { stdout } = await run('cost', '--records-per-day', '1G', '--json', ...more);
      return JSON.parse(stdout).answers[0].bill.usd as number;
    };
    expect(await usdOf('--traffic', 'office')).not.toBe(await usdOf());
  });

  it('bills with the prices of Frankfurt when --region names it', async () => {
    const usdOf = async (...more: string[]) => {
      const { stdout } = await run('cost', '--records-per-day', '100M', '--json', ...more);
      const { region, answers } = JSON.parse(stdout);
      const writes = answers[0].bill.lines.find((line: { item: string }) => line.item === 'writes').usd as number;
      return { region, writes };
    };
    const [usEast, frankfurt] = [await usdOf(), await usdOf('--region', 'eu-central-1')];
    expect([usEast.region, frankfurt.region]).toEqual(['us-east-1', 'eu-central-1']);
    expect(frankfurt.writes / usEast.writes).toBeCloseTo(0.7625 / 0.625, 9);
  });

  it('stars each line whose price is not verified, and prints their share of the bill', async () => {
    const { stdout } = await run('cost', '--records-per-day', '100M', '--region', 'eu-central-1');
    const starred = stdout.split('\n').filter((line) => / \*(?= )/.test(line) && line.includes('$'));
    expect(starred.map((line) => line.match(/(?:^ {2}[A-Z]\S*(?: \S+)*)? {2,}(\S.*?) \*/)![1])).toEqual([
      'delivery to Firehose',
      'ingestion',
      'conversion to Parquet',
      'cold storage',
      'e-mails',
      'dashboard',
      'GuardDuty, analysis of flow logs',
      'Athena on a schedule',
      'CloudWatch Contributor Insights',
    ]);
    expect(stdout).toMatch(/not verified \* +25 %/);
  });

  it('warns of the quota of a stream in the region, and of a table', async () => {
    const quotaOf = async (...more: string[]) => {
      const { stdout } = await run('cost', '--records-per-day', ...more);
      return stdout.split('\n').filter((line) => line.includes('Quota'));
    };
    expect(await quotaOf('500M')).toEqual([]);
    expect(await quotaOf('500M', '--region', 'eu-central-1')).toEqual([
      expect.stringContaining(
        'higher quota than the 1 MiB of a Firehose stream in eu-central-1 (5 MiB only in us-east-1',
      ),
    ]);
    expect(await quotaOf('10G')).toEqual([
      expect.stringContaining('higher quota than the 5 MiB of a Firehose stream in us-east-1 (1 MiB outside us-east-1'),
      expect.stringContaining('higher quota than the 40,000 of a DynamoDB table'),
    ]);
  });

  it('warns of the quota of active partitions when the lake has more', async () => {
    const partitioned = ['cost', '--records-per-day', '1M', '--lake-partition', 'vpc', '--partitions'];
    expect((await run(...partitioned, '500')).stdout).not.toContain('Quota');
    expect((await run(...partitioned, '501')).stdout).toContain(
      'Quota      501 partitions: request a higher quota than the 500 active partitions of a Firehose stream.',
    );
    const byDate = await run('cost', '--records-per-day', '1M', '--partitions', '501');
    expect(byDate.stdout).not.toContain('Quota');
  });

  it('warns when an item that every batch writes would be too large', async () => {
    expect((await run('cost', '--records-per-day', '100M')).stdout).not.toContain('Limit');
    expect((await run('cost', '--records-per-day', '10G')).stdout).toContain('each write of it costs as many units');
    expect((await run('cost', '--records-per-day', '50G')).stdout).toContain('the limit of DynamoDB is 400 KB');
  });

  it.each([
    [[], '--records-per-day is missing: give the number of flow records a day'],
    [['--records-per-day', 'many'], 'such as 250k, 100M or 10G'],
    [['--records-per-day', '0'], 'such as 250k, 100M or 10G'],
    [['--records-per-day', '1M', '--way-in', 'pigeon'], 'flow-logs, log-group'],
    [
      ['--records-per-day', '1M', '--stage', 'nowhere'],
      '--stage is invalid: got "nowhere", expected a stage of flow-sentinel.json',
    ],
    [['--records-per-day', '1M', '--region', 'eu-west-9'], 'expected eu-central-1 or us-east-1'],
    [['--records-per-day', '1M', '--region', 'eu-central-1', '--prices', 'x.json'], '--region and --prices exclude'],
    [['--records-per-day', '1M', '--prices', 'not-there.json'], 'not-there.json cannot be read'],
  ])('exits with 2 and names the remedy when given %j', async (args, problem) => {
    const { code, stderr } = await run('cost', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(problem);
  });
});

describe('parseMagnitude', () => {
  it.each([
    ['1M', 1e6],
    ['2.5G', 2.5e9],
    ['250k', 250_000],
    ['1234', 1234],
  ])('reads %s as %d', (text, volume) => {
    expect(parseMagnitude(text)).toBe(volume);
  });

  it.each(['', '-1', '0', '1T', '1e6', 'M', '1 M', '99999999999G'])('returns undefined when given %j', (text) => {
    expect(parseMagnitude(text)).toBeUndefined();
  });

  it('formats volumes with a suffix', () => {
    expect([999, 250_000, 1e6, 100e6, 1.5e10].map(formatMagnitude)).toEqual(['999', '250 k', '1 M', '100 M', '15 G']);
  });
});
