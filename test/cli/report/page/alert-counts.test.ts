import { describe, expect, it } from 'vitest';
import { countAlerts, countText, shareText } from '../../../../cli/report/page/alert-counts.ts';

const digest = (alerts: number) => ({ alerts, keys: [], unlisted: alerts });
const messages = [
  { ended: false },
  { ended: false, digest: digest(30) },
  { ended: true },
  { ended: true, digest: digest(9) },
];

const update = { ended: false, update: { number: 1, alert: 'a', history: [] } };

describe('countAlerts', () => {
  it('counts all alerts of a digest, and none of a resolution notice or an update', () => {
    expect(countAlerts([...messages, update])).toEqual({ alerts: 31, emails: 2, resolutions: 2, updates: 1 });
    expect(countAlerts([])).toEqual({ alerts: 0, emails: 0, resolutions: 0, updates: 0 });
  });
});

describe('countText', () => {
  it('names e-mails and notices only when their numbers differ from the number of alerts', () => {
    expect(countText(countAlerts(messages))).toBe('31 alerts in 2 e-mails, and 2 resolution notices');
    expect(countText(countAlerts(messages.slice(0, 1)))).toBe('1 alert');
    expect(countText(countAlerts([messages[0]!, update]))).toBe('1 alert, and 1 update');
  });
});

describe('shareText', () => {
  it('names the share of alerts, e-mails and notices', () => {
    const all = countAlerts(messages);
    expect(shareText(countAlerts(messages.slice(1, 3)), all)).toBe(
      '30 of 31 alerts, in 1 of 2 e-mails; 1 of 2 resolution notices',
    );
    const one = countAlerts(messages.slice(0, 1));
    expect(shareText(one, one)).toBe('1 of 1 alert');
  });
});
