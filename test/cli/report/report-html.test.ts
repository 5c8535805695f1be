import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { jsonInHtml, reportHtml } from '../../../cli/report/report-html.ts';
import { readQuantities } from '../../../lambda/common/quantity.ts';
import { alertsOfAllRules, hostileTexts, madeUpNames, manyAlerts, reportOf, somePairs } from './report-fixtures.ts';

const read = (text: string) => JSON.parse(text, readQuantities as never) as unknown;

describe('reportHtml', () => {
  let alerts: Awaited<ReturnType<typeof alertsOfAllRules>>;
  let html: string;
  beforeAll(async () => {
    alerts = await alertsOfAllRules();
    html = await reportHtml(reportOf(alerts.slice(0, 2)));
  });

  it('returns the same bytes for the same data', async () => {
    expect(await reportHtml(reportOf(alerts.slice(0, 2)))).toBe(html);
  });

  it('has less than 900 kB without data, which e-mail accepts', async () => {
    const { length } = await reportHtml(reportOf([], []));
    expect(length).toBeLessThan(900_000);
  });

  it('has a policy that allows only its own script and styles', () => {
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)!;
    const [, script] = /<script type="module">([\s\S]*?)<\/script>/.exec(html)!;
    const hash = createHash('sha256').update(script!).digest('base64');
    expect(policy).toContain(`default-src 'none'; script-src 'sha256-${hash}';`);
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|https?:/);
    expect(html.replace(script!, '')).not.toMatch(
      /<link|<script src|@import|url\(|https?:\/\/(?!attack\.mitre|docs\.aws)/,
    );
  });

  it('embeds JSON that no text within it can end', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostileTexts)), (text) => {
        const json = jsonInHtml({ [text]: [text, 2n ** 60n] });
        expect(json).not.toMatch(/[<>&\u2028\u2029]/);
        expect(read(json)).toEqual({ [text]: [text, 2n ** 60n] });
      }),
    );
    const [, data] = /<script type="application\/json" id="report-data">([^<]*)<\/script>/.exec(html)!;
    expect(read(data!)).toMatchObject({ version: 2, command: 'flow-sentinel replay logs/' });
  });

  it('has the data of addresses only when there is a source', async () => {
    expect(html).not.toContain('id="report-addresses"');
    const [, data] = /id="report-data">([^<]*)</.exec(html)!;
    expect(Object.keys(read(data!) as object)).toEqual([
      ...['version', 'command', 'hunt', 'sources', 'moreSources', 'records', 'leftOut', 'period'],
      ...['pairCount', 'timeline', 'rules'],
    ]);
    const known = await reportHtml(reportOf([], somePairs, { names: madeUpNames() }));
    const [, addresses] = /id="report-addresses">([^<]*)</.exec(known)!;
    expect(read(addresses!)).toMatchObject({ hasNames: true, interfaces: [{ name: 'orders-db' }, {}, {}] });
  });

  it('compresses thousands of alerts', async () => {
    const report = reportOf(manyAlerts(alerts, 2000));
    const many = await reportHtml(report);
    expect(many.length).toBeLessThan(3_000_000);
    const [, packed] = /id="report-alerts" data-packed="gzip base64">([^<]*)<\/script>/.exec(many)!;
    expect(read(gunzipSync(Buffer.from(packed!, 'base64')).toString())).toEqual(report.alerts);
  });
});
