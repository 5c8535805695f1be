import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { logFormat } from '../../lambda/flow-log/deployed-format.ts';
import type { Scope } from '../../lambda/flow-log/scope.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { expectAlertBody } from '../support/alert-schema.ts';
import { epoch, eventOf, formatOf, lineOf } from '../support/flows.ts';
import { type Laptop, laptopOn } from '../support/handler-on-laptop.ts';
import { networks, ruleSetOf, ruleText } from '../support/rules.ts';
import { sharedStack } from '../support/shared-stack.ts';

const stack = sharedStack();
const deployed = formatOf(logFormat);
const shipped = compileRuleDirectory();
let laptop: Laptop;

const withScope = (scope: Scope | undefined, ruleSet: RuleSet = shipped) =>
  laptopOn(stack(), logFormat, scope ? { ...ruleSet, scope } : ruleSet);

beforeEach(() => {
  laptop = withScope('vpc');
});
afterEach(() => {
  for (const { body } of laptop.alerts()) expectAlertBody(JSON.parse(body));
});

/** Rejects of 10.0.1.5 to 10.0.2.7, which every VPC has. */
const rejects = (count: number, account: string, vpc: string, values: Record<string, string | number> = {}) =>
  Array.from({ length: count }, (_, n) =>
    lineOf({ 'account-id': account, 'vpc-id': vpc, action: 'REJECT', srcport: 40_000 + n, ...values }, deployed),
  );
const bodies = () => laptop.alerts().map(({ body }) => JSON.parse(body) as AlertBody);
const pair = 'pair#10.0.1.5#10.0.2.7';

describe('the handler with the scope vpc', () => {
  it('raises an alert for each of two VPCs with the same addresses, and names account and VPC', async () => {
    await laptop.send(
      eventOf([...rejects(11, '111111111111', 'vpc-0a'), ...rejects(12, '222222222222', 'vpc-0b', { bytes: 50 })]),
    );
    expect(await laptop.counter(`${pair}#111111111111/vpc-0a`)).toMatchObject({ rejects: 11 });
    expect(await laptop.counter(`${pair}#222222222222/vpc-0b`)).toMatchObject({ rejects: 12 });
    const alerts = laptop.alerts().toSorted((a, b) => (a.subject < b.subject ? -1 : 1));
    expect(alerts.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/^MEDIUM: 10\.0\.1\.5 -> 10\.0\.2\.7 in 111111111111\/vpc-0a: 11 /),
      expect.stringMatching(/^MEDIUM: 10\.0\.1\.5 -> 10\.0\.2\.7 in 222222222222\/vpc-0b: 12 /),
    ]);
    expect(alerts.map(({ attributes }) => attributes)).toMatchObject([
      { account: '111111111111', vpc: 'vpc-0a' },
      { account: '222222222222', vpc: 'vpc-0b' },
    ]);
    expect(JSON.parse(alerts[0]!.body)).toMatchObject({
      key: { srcaddr: '10.0.1.5', dstaddr: '10.0.2.7' },
      scope: { 'account-id': '111111111111', 'vpc-id': 'vpc-0a' },
      cloud: { account: { uid: '111111111111' } },
      resources: expect.arrayContaining([expect.objectContaining({ uid: 'vpc-0a', type: 'AWS::EC2::VPC' })]),
    });
  });

  it('does not add flows of two VPCs to one window', async () => {
    await laptop.send(eventOf([...rejects(8, '111111111111', 'vpc-0a'), ...rejects(8, '111111111111', 'vpc-0b')]));
    expect(laptop.alerts()).toEqual([]);
  });

  it('lists the scope of each key in a digest', async () => {
    const vpcs = Array.from({ length: 40 }, (_, n) => `vpc-${n}`);
    await laptop.send(eventOf(vpcs.flatMap((vpc) => rejects(11, '111111111111', vpc))));
    const digest = bodies().find((body) => body.digest);
    expect(digest!.digest!.keys[0]).toMatchObject({
      scope: { 'account-id': '111111111111', 'vpc-id': expect.any(String) },
    });
    const text = laptop.alerts().find(({ body }) => body.includes('"digest"'))!.text;
    expect(text).toMatch(/^- 10\.0\.1\.5 -> 10\.0\.2\.7 in 111111111111\/vpc-\d+: /m);
  });

  it('sends the notice of an ended alert with the scope, from the queue of later batches', async () => {
    const rules = ruleSetOf(
      [
        ruleText(
          '{action: REJECT}',
          'type: event_count, group-by: [srcaddr], timespan: 10m, condition: {gt: 3}',
          'alert: {suppress: 1h, ended: true}',
        ),
      ],
      networks,
    );
    laptop = withScope('vpc', rules);
    await laptop.send(eventOf(rejects(5, '111111111111', 'vpc-0a')));
    const later = epoch + 3 * 3600;
    const other = { srcaddr: '10.9.9.9', start: later - 120, end: later - 60 };
    await laptop.send(eventOf(rejects(1, '111111111111', 'vpc-0b', other), later));
    const [, notice] = bodies();
    expect(notice).toMatchObject({
      ended: true,
      key: { srcaddr: '10.0.1.5' },
      scope: { 'account-id': '111111111111', 'vpc-id': 'vpc-0a' },
      vpc: 'vpc-0a',
      resources: [{ uid: 'vpc-0a' }],
    });
    expect(notice!.message).toBe('HIGH ended: 10.0.1.5 in 111111111111/vpc-0a: Some rule');
  });

  it('learns again which keys are new when the scope has changed', async () => {
    const rules = ruleSetOf(
      [
        ruleText(
          '{action: REJECT}',
          'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 3}',
          'flow_sentinel: {first_seen: {within: 1d, learning: 2d}}',
        ),
      ],
      networks,
    );
    const sendAt = async (day: number, dstaddr: string) => {
      const end = epoch + day * 86_400;
      const values = { dstaddr, start: end - 10, end };
      await laptop.send(eventOf(rejects(5, '111111111111', 'vpc-0a', values), end + 60));
      return bodies().map(({ key }) => key.dstaddr);
    };
    laptop = withScope(undefined, rules);
    await sendAt(0, '10.0.2.1');
    expect(await sendAt(3, '10.0.2.2')).toEqual(['10.0.2.2']);
    laptop = withScope('vpc', rules);
    expect(await sendAt(3.1, '10.0.2.1')).toEqual(['10.0.2.2']);
    expect(await sendAt(6, '10.0.2.3')).toEqual(['10.0.2.2', '10.0.2.3']);
  });

  it.each<[Scope | undefined, Scope | undefined, string]>([
    [undefined, 'vpc', pair],
    ['account', 'vpc', `${pair}#111111111111`],
    ['vpc', undefined, `${pair}#111111111111/vpc-0a`],
  ])('counts a batch once when the scope changes from %s to %s between two attempts', async (from, to, pk) => {
    const event = eventOf(rejects(11, '111111111111', 'vpc-0a'));
    laptop = withScope(from);
    let updates = 0;
    const { middlewareStack } = laptop.clients.dynamoDb;
    middlewareStack.add(
      ((next: (args: object) => Promise<object>, context: { commandName?: string }) => async (args: object) => {
        if (context.commandName === 'UpdateItemCommand') updates += 1;
        // The first update begins the batch, and the second counts.
        if (updates > 2) throw Object.assign(new Error('the connection was reset'), { name: 'ECONNRESET' });
        return next(args);
      }) as never,
      { step: 'initialize', name: 'broken', override: true },
    );
    await expect(laptop.send(event)).rejects.toThrow();
    middlewareStack.remove('broken');
    laptop = withScope(to);
    await laptop.send(event);
    const counted = (await stack().items()).filter(({ rejects: number }) => number !== undefined);
    expect(counted.map((item) => [item.pk, item.rejects])).toEqual([[{ S: pk }, { N: '11' }]]);
    expect(bodies()).toHaveLength(1);
  });
});
