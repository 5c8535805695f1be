import { describe, expect, it } from 'vitest';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import { deferredOf, messagesOf, stormsOf } from '../../../lambda/alert/messages.ts';
import { evaluate } from '../../../lambda/evaluate/evaluate.ts';
import type { Finding } from '../../../lambda/evaluate/finding.ts';
import { expectAlertBody } from '../../support/alert-schema.ts';
import { deltasOf } from '../../support/deltas.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { fewRules } from '../../support/rules.ts';

const batch = { dedupToken: 'AAAAAAAA', arrival: epoch + 100 };

/** Returns the messages of a batch in which several pairs exceed one rule's threshold, and one pair another's. */
async function dispatched(pairs: number, maxMessages = Number.POSITIVE_INFINITY) {
  const store = new MemoryCounterStore(fewRules.series);
  const rejects = Array.from({ length: pairs }, (_, n) =>
    Array.from({ length: 11 + (n === 3 ? 4 : 0) }, () =>
      flowOf({ srcaddr: `10.1.${n >> 8}.${n & 255}`, action: 'REJECT' }),
    ),
  ).flat();
  const flows = [...rejects, flowOf({ dstaddr: '198.18.0.9', bytes: 150_000_000 })];
  const deltas = deltasOf(
    flows.map((flow) => ({ flow, arrival: batch.arrival })),
    fewRules,
  );
  const findings = await Promise.all(
    deltas.map(
      async (delta) => evaluate([{ delta, counter: await store.add(delta, batch) }], batch, fewRules).findings,
    ),
  );
  const all = findings.flat();
  const context = { account: '123456789012', region: 'eu-west-1' };
  return {
    messages: messagesOf(all, stormsOf(all), maxMessages, context),
    deferred: [...deferredOf(all, maxMessages)],
  };
}

const messages = async (pairs: number) => (await dispatched(pairs)).messages;

describe('messagesOf', () => {
  it('sends each alert in its own message when a rule has at most ten', async () => {
    const all = await messages(10);
    expect(all).toHaveLength(11);
    for (const { alert } of all) expectAlertBody(JSON.parse(alert.body));
    expect(all.every(({ findings }) => findings.length === 1)).toBe(true);
  });

  it('sends one digest when a rule has more than ten alerts, and single alerts for other rules', async () => {
    const all = await messages(500);
    expect(all.map(({ findings }) => findings.length).sort((a, b) => a - b)).toEqual([1, 500]);
    const digest = all.find(({ findings }) => findings.length > 1)!.alert;
    expect(digest.subject).toBe(
      'MEDIUM: 500 at once, first 10.1.0.3 -> 10.0.2.7 with 15 flow records, Repeated failed connections',
    );
    const body = JSON.parse(digest.body) as {
      key: object;
      value: number;
      message: string;
      digest: { alerts: number; keys: object[] };
    };
    expectAlertBody(body);
    expect(body).toMatchObject({ key: { srcaddr: '10.1.0.3' }, value: 15 });
    expect(body.digest).toMatchObject({
      alerts: 500,
      unlisted: 480,
      listCommand: 'npx flow-sentinel alerts list --rule repeated_rejects',
    });
    expect(body.digest.keys).toHaveLength(20);
    expect(digest.text).toMatchInlineSnapshot(`
      "MEDIUM: 500 at once, first 10.1.0.3 -> 10.0.2.7 with 15 flow records, Repeated failed connections

      One host failed more than ten times within an hour to reach another. Either somebody tries again and again, or something that should work does not.

      Why: more than 10 flow records in 1 h for one srcaddr and dstaddr, 500 times in one batch. First those with accepted traffic, then sources inside, then the largest:
      - 10.1.0.3 -> 10.0.2.7: 15 flow records
      - 10.1.0.0 -> 10.0.2.7: 11 flow records
      - 10.1.0.1 -> 10.0.2.7: 11 flow records
      - 10.1.0.10 -> 10.0.2.7: 11 flow records
      - 10.1.0.100 -> 10.0.2.7: 11 flow records
      - 10.1.0.101 -> 10.0.2.7: 11 flow records
      - 10.1.0.102 -> 10.0.2.7: 11 flow records
      - 10.1.0.103 -> 10.0.2.7: 11 flow records
      - 10.1.0.104 -> 10.0.2.7: 11 flow records
      - 10.1.0.105 -> 10.0.2.7: 11 flow records
      - and 490 more

      Times of the first
      Window: 2026-11-24 08:00:00 to 2026-11-24 09:03:00 UTC
      Seen: first 2026-11-24 09:00:00, last 2026-11-24 09:00:50 UTC
      In all: 0 bytes accepted, 15 rejected

      What to do
      - See whether the port is one that the target serves; if so, its security group lacks a rule.
      - Look for ACCEPT flows between the two after the rejects.
      - What the rule looks for: npx flow-sentinel rules explain repeated_rejects
      - To list all 500 while they are live: npx flow-sentinel alerts list --rule repeated_rejects
      - Flows of the first in Athena: SELECT * FROM vpc_flow_logs WHERE srcaddr = '10.1.0.3' AND dstaddr = '10.0.2.7' AND "end" BETWEEN 1795507200 AND 1795510980 AND day >= '2026-11-24' ORDER BY "end"
      - If the first is harmless: npx flow-sentinel rules silence repeated_rejects srcaddr=10.1.0.3 dstaddr=10.0.2.7 --reason "..." --until 2026-12-24
      - To silence the first for a day: npx flow-sentinel alerts silence repeated_rejects srcaddr=10.1.0.3 dstaddr=10.0.2.7 --reason "..." --until 1d

      Harmless when: a security group that lacks a rule, a service that moved and whose clients do not know
      Rule repeated_rejects, alert 0b8935c6c4217d998d1e40dcd11191ae.
      No further alert of this rule for the same traffic for 6 h, until 2026-11-24 15:03:00 UTC, unless it reaches 10 times the threshold.
      "
    `);
    expect(digest.text.split('\n').length).toBeLessThan(40);
    expect(body.message).toBe(digest.text.split('\n')[0]);
    expect(Buffer.byteLength(digest.body) + Buffer.byteLength(digest.text)).toBeLessThan(64 * 1024);
  });

  it('sends digests for the rules with the most alerts when there are fewer messages than alerts', async () => {
    const { messages: sent, deferred } = await dispatched(5, 3);
    expect(sent.map(({ findings }) => [findings[0]?.rule.name, findings.length])).toEqual([
      ['data_exfiltration', 1],
      ['repeated_rejects', 5],
    ]);
    expect(deferred).toEqual([]);
  });

  it('defers the rules with the most alerts when there are fewer messages than rules', async () => {
    const { messages: sent, deferred } = await dispatched(5, 1);
    expect(sent.map(({ findings }) => findings[0]?.rule.name)).toEqual(['data_exfiltration']);
    expect(deferred.map(({ rule }) => rule.name)).toEqual(new Array(5).fill('repeated_rejects'));
    expect(await dispatched(5, 0)).toMatchObject({ messages: [], deferred: { length: 6 } });
  });

  it('defers resolution notices before alerts when there are fewer messages than rules', async () => {
    const { deferred } = await dispatched(1, 0);
    const [first, second] = deferred as [Finding, Finding];
    const notice = { ...first, record: { ...first.record, multiple: 0 } };
    expect([...deferredOf([notice, second], 1)]).toEqual([notice]);
  });
});
