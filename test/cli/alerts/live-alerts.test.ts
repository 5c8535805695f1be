import { describe, expect, it } from 'vitest';
import { alertTable } from '../../../cli/alerts/alert-table.ts';
import { liveAlerts } from '../../../cli/alerts/live-alerts.ts';
import {
  alertAttribute,
  type Item,
  keyAttributes,
  readCounter,
  silenceAttribute,
  slotAttribute,
  writeAlertRecord,
  writeSilence,
} from '../../../lambda/count/counter-item.ts';
import type { AlertRecord } from '../../../lambda/counters/alert-record.ts';
import { counterKey, pairKey } from '../../../lambda/counters/counter-key.ts';
import { seriesOf } from '../../../lambda/rules/correlation.ts';
import { epoch } from '../../support/flows.ts';
import { defaultRules } from '../../support/rules.ts';

const recordOf = (values: Partial<AlertRecord>): AlertRecord => ({
  ...{ rule: 'repeated_rejects', multiple: 1, id: '0123456789abcdef'.repeat(2), value: 11, isLowerBound: false },
  ...{ from: epoch - 3600, to: epoch, token: 'AAAAAAAA', arrival: epoch, sent: true, deferred: false, logOnly: false },
  ...{ suppressSeconds: 3600, suppressedCount: 0, previousSuppressedCount: 0, lastSuppressedBatch: '' },
  ...values,
});

const itemOf = (records: AlertRecord[], more: Item = {}, key = pairKey('10.0.1.5', '10.0.2.7')): Item => ({
  pk: { S: key.pk },
  ...keyAttributes(key),
  ...Object.fromEntries(records.map((record) => [alertAttribute(record), writeAlertRecord(record)])),
  ...more,
});

const listed = (item: Item, at = epoch + 60) => liveAlerts(item, readCounter(item), defaultRules, at);

describe('liveAlerts', () => {
  it('distinguishes deferred, pending and log-only alerts from sent ones', () => {
    const item = itemOf([
      recordOf({}),
      recordOf({ multiple: 10, sent: false, deferred: true }),
      recordOf({ rule: 'gone_rule', sent: false, logOnly: true, value: 2n ** 70n }),
      recordOf({ multiple: 0 }),
    ]);
    expect(listed(item).map(({ state, logOnly, level }) => ({ state, logOnly, level }))).toEqual([
      { state: 'sent', logOnly: false, level: 'medium' },
      { state: 'deferred', logOnly: false, level: 'medium' },
      { state: 'pending', logOnly: true, level: null },
    ]);
    expect(alertTable(listed(item), defaultRules)).toMatchInlineSnapshot(`
      "  alerted              level   rule              key                   value                          times  suppresses until     suppressed  id
        2026-11-24 09:00:00  medium  repeated_rejects  10.0.1.5 -> 10.0.2.7  11 flow records                    1  2026-11-24 10:00:00           0  0123456789ab
        2026-11-24 09:00:00  medium  repeated_rejects  10.0.1.5 -> 10.0.2.7  11 flow records                   10  2026-11-24 10:00:00           0  0123456789ab  deferred
        2026-11-24 09:00:00  -       gone_rule         10.0.1.5 -> 10.0.2.7  1,180,591,620,717,411,303,424      1  2026-11-24 10:00:00           0  0123456789ab  pending; logged only
      "
    `);
  });

  it('lists the distinct values of an alert from the slots of its window', () => {
    const { correlation } = defaultRules.rules.get('vertical_scan')!;
    const [series] = seriesOf(correlation);
    const slotsOf = (first: string[], second: string[]): Item => ({
      [slotAttribute(series!, epoch / 180 - 2)]: { SS: first },
      [slotAttribute(series!, epoch / 180 - 1)]: { SS: second },
    });
    const record = recordOf({ rule: 'vertical_scan', value: 28 });
    const ports = Array.from({ length: 28 }, (_, n) => String(n + 1));
    const item = itemOf([record], slotsOf(ports.slice(9), ports.slice(0, 10)));
    expect(listed(item)[0]!.distinct).toEqual({ field: 'dstport', values: ports, more: 0 });
    expect(alertTable(listed(item), defaultRules).split('\n').slice(2)).toEqual([
      '    all ports: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 18 more',
      '',
    ]);
    const hostile = itemOf([record, recordOf({})], slotsOf(['\u001b[31mred\n', 'x'.repeat(100)], ['b']));
    const lines = alertTable(listed(hostile), defaultRules).split('\n');
    expect(lines.slice(2, 3)).toEqual([`    all ports: ?[31mred, b, ${'x'.repeat(61)}... and 25 more`]);
    expect(lines[3]).toContain('repeated_rejects');
    expect(alertTable(listed(itemOf([record])), defaultRules).split('\n')).toHaveLength(3);
  });

  it('leaves out a log-only alert when its rule now sends alerts', () => {
    expect(listed(itemOf([recordOf({ logOnly: true })]))).toEqual([]);
  });

  it('lists the latest alert when its silence is longer than its suppression period', () => {
    const silence = writeSilence({ rule: '', reason: 'away', since: epoch, until: epoch + 9000 });
    const item = itemOf([recordOf({ to: epoch - 600, multiple: 10 }), recordOf({})], {
      [silenceAttribute('repeated_rejects')]: silence,
    });
    expect(listed(item, epoch + 8999)).toMatchObject([
      { multiple: 1, until: epoch + 9000, silence: { reason: 'away' } },
    ]);
    expect(listed(item, epoch + 9000)).toEqual([]);
  });

  it('lists an alert when another program has written its item', () => {
    for (const group of ['{', 'null', '7', '{"a":{"b":1}}']) {
      const key = counterKey(['account-id'], ['123456789012']);
      const item = { ...itemOf([recordOf({})], {}, key), group: { S: group } };
      expect(listed(item)).toHaveLength(1);
      expect(alertTable(listed(item), defaultRules).split('\n')).toHaveLength(3);
    }
  });

  it('returns the complete key of a group when it is too long for the key of the table', () => {
    const long = 'x'.repeat(600);
    const item = itemOf([recordOf({})], {}, counterKey(['account-id', 'vpc-id'], ['123456789012', long]));
    expect(listed(item)[0]!.key).toEqual({ 'account-id': '123456789012', 'vpc-id': long });
    for (const line of alertTable(listed(item), defaultRules).split('\n')) expect(line.length).toBeLessThan(250);
  });
});
