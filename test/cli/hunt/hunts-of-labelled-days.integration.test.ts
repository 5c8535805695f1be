import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { duckDbDialect } from '../../../cli/hunt/duckdb-dialect.ts';
import type { FlowDatabase } from '../../../cli/hunt/flow-database.ts';
import { scenarioOf } from '../../../events/corpus.ts';
import { logFields } from '../../../lambda/flow-log/deployed-format.ts';
import { huntSql } from '../../../lib/queries/hunts/hunt.ts';
import { hunts } from '../../../lib/queries/hunts/hunts.ts';
import { formatOf } from '../../support/flows.ts';
import { labelledDay } from '../../support/labelled-days.ts';
import { byTier } from '../../support/tier.ts';
import { databaseOf, rowsOf } from './database-of.ts';

/** The address of the NAT gateway of the style `office`. */
const nat = '10.20.0.5';

describe.each(byTier(['office'], ['office', 'web-shop', 'data-platform']))(
  'hunts on the labelled day of %s',
  (style) => {
    let database: FlowDatabase;
    beforeAll(async () => {
      const lines = labelledDay(style).map(({ line }) => line);
      database = await databaseOf(lines, [formatOf(logFields.join(' '))]);
    });
    afterAll(() => database.close());

    const found = (name: string) =>
      rowsOf(database, huntSql(hunts.find((hunt) => hunt.name === name)!, duckDbDialect(), []));

    /** Returns the keys of a rule's labels, without those of the NAT gateway: hunts show each flow once, at its host. */
    function labelled(rule: string): Record<string, string>[] {
      const labels = scenarioOf(style).attacks.flatMap((attack) => attack.labels);
      const keys = labels.filter((label) => label.rule === rule && label.key.srcaddr !== nat).map(({ key }) => key);
      expect(keys.length).toBeGreaterThan(0);
      return keys;
    }

    it('beacons finds the pairs of the rule beaconing', async () => {
      const rows = await found('beacons');
      const pairs = new Set(rows.map(({ src, dst }) => `${src} ${dst}`));
      const beacons = labelled('beaconing').map(({ srcaddr, dstaddr }) => `${srcaddr} ${dstaddr}`);
      expect(beacons.filter((pair) => !pairs.has(pair))).toEqual([]);
      // Clients of other programs with even intervals are few.
      expect(pairs.size).toBeLessThan(30);
    });

    it('scans finds the sources of the rules vertical_scan and horizontal_sweep, before clients with many rejects', async () => {
      const rows = await found('scans');
      const scanners = [...labelled('vertical_scan'), ...labelled('horizontal_sweep')].map(({ srcaddr }) => srcaddr);
      const sources = rows.map(({ src }) => src);
      expect(scanners.filter((source) => !sources.includes(source))).toEqual([]);
      if (style === 'office') expect(sources.slice(0, scanners.length).toSorted()).toEqual(scanners.toSorted());
    });

    it('long-connections finds the connections of the rule long_connection as one row each', async () => {
      const rows = await found('long-connections');
      for (const { srcaddr, srcport, dstaddr, dstport } of labelled('long_connection')) {
        const same = rows.filter(
          (row) =>
            row.src === srcaddr &&
            row.srcport === Number(srcport) &&
            row.dst === dstaddr &&
            row.dstport === Number(dstport),
        );
        expect(same).toHaveLength(1);
        expect(Number(same[0]!.seconds)).toBeGreaterThan(6 * 3600 - 600);
      }
    });

    it.runIf(style === 'office')('shows an attack through a NAT gateway once, at its host', async () => {
      for (const name of ['exfiltration', 'beacons', 'long-connections', 'scans', 'new-targets', 'top-talkers']) {
        expect((await found(name)).filter(({ src }) => src === nat)).toEqual([]);
      }
      const [worst] = await found('exfiltration');
      expect(worst).toMatchObject({
        src: '10.20.10.27',
        dst: '198.19.62.9',
        also_seen_at: expect.stringMatching(/^eni-/),
      });
      const [{ sent }] = (await rowsOf(
        database,
        `SELECT sum(bytes) AS sent FROM vpc_flow_logs WHERE counted AND srcaddr = '10.20.10.27' AND dstaddr = '198.19.62.9'
       AND day = '${worst!.day}'`,
      )) as [Record<string, unknown>];
      expect(worst!.total_bytes).toBe(sent);
    });
  },
);
