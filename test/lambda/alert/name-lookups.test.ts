import { describe, expect, it } from 'vitest';
import { type NameLookups, neededNames, withNames } from '../../../lambda/alert/name-lookups.ts';
import { nameKeyText } from '../../../lambda/names/name-key.ts';
import { type Network, parseNetwork } from '../../../lambda/networks/ip-address.ts';
import { findingsOf } from '../../support/findings.ts';
import { directed, flowOf, formatOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

const inside = ['10.0.0.0/8', '2001:db8:1::/48'].map((text) => parseNetwork(text) as Network);
const withVpc = formatOf(`${directed.names.join(' ')} vpc-id`);
const rule = (level: string) =>
  rulesOf(
    ruleText(
      '{action: ACCEPT}',
      'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 1}',
    ).replace('level: high', `level: ${level}`),
  );
const rules = rule('high');
const [eni, vpc] = ['eni-0a1b2c3d', 'vpc-0a1b2c3d'];
const flow = (values: Record<string, string> = {}, format = withVpc) =>
  flowOf({ srcaddr: '10.0.1.5', dstaddr: '203.0.113.9', 'interface-id': eni, 'vpc-id': vpc, ...values }, format);

const needed = async (flows: readonly ReturnType<typeof flow>[]) =>
  neededNames(await findingsOf(flows, rules), inside).map(nameKeyText);

describe('the names that alerts need', () => {
  it('are those of the interface and of the addresses inside', async () => {
    expect(await needed([flow()])).toEqual([`interface#${eni}`, `address#${vpc}#10.0.1.5`]);
    expect(await needed([flow({ dstaddr: '10.9.9.9' })])).toContain(`address#${vpc}#10.9.9.9`);
  });

  it('have the interface as the place when the records have no VPC', async () => {
    expect(await needed([flow({}, directed)])).toEqual([`interface#${eni}`, `address#${eni}#10.0.1.5`]);
  });

  it('are those of public IPv6 addresses when these are inside', async () => {
    const flows = [flow({ srcaddr: '2001:db8:1::5', dstaddr: '2001:db8:2::9' })];
    expect(await needed(flows)).toEqual([`interface#${eni}`, `address#${vpc}#2001:db8:1::5`]);
  });

  it.each(['-', 'eni-', 'tgw-attach-0a1b2c3d', 'eni-0a1b2c3d#10.0.1.5', 'ENI-0A1B2C3D'])(
    'are none of an interface %j, whose id is not valid',
    async (id) => {
      expect(await needed([flow({ 'interface-id': id, 'vpc-id': '-' })])).toEqual([]);
    },
  );

  it('are at most 100', async () => {
    const flows = Array.from({ length: 150 }, (_, n) => flow({ srcaddr: `10.0.1.${n}`, dstaddr: '10.9.9.9' }));
    expect(await needed(flows)).toHaveLength(100);
  });

  it('are those of the most severe findings first', async () => {
    const low = await findingsOf([flow({ srcaddr: '10.0.1.6', 'interface-id': 'eni-0b1b2c3d' })], rule('low'));
    const critical = await findingsOf([flow()], rule('critical'));
    const [first] = neededNames([...low, ...critical], inside);
    expect(first).toEqual({ interface: eni });
  });
});

describe('alerts with names', () => {
  const { signal: deadline } = new AbortController();

  /** Records the order of what happens. */
  function port(isRead = true) {
    const steps: string[] = [];
    const names = { addressOf: () => undefined, interfaceOf: () => undefined, time: undefined };
    const nameLookups: NameLookups = {
      read: async () => {
        steps.push('read');
        return isRead ? { names, ask: async () => void steps.push('ask') } : undefined;
      },
    };
    return { steps, names, nameLookups };
  }

  it('are sent between the read and the requests', async () => {
    const { steps, names, nameLookups } = port();
    const sent = await withNames(
      await findingsOf([flow()], rules),
      inside,
      { nameLookups, deadline },
      async (given) => {
        steps.push('send');
        return given;
      },
    );
    expect(sent).toBe(names);
    expect(steps).toEqual(['read', 'send', 'ask']);
  });

  it('are sent without names when these cannot be read, and then nothing is asked for', async () => {
    const { steps, nameLookups } = port(false);
    const findings = await findingsOf([flow()], rules);
    expect(await withNames(findings, inside, { nameLookups, deadline }, async (given) => given)).toBeUndefined();
    expect(steps).toEqual(['read']);
  });

  it('ask for nothing when they could not be sent', async () => {
    const { steps, nameLookups } = port();
    const send = () => Promise.reject(new Error('the topic is gone'));
    const sent = withNames(await findingsOf([flow()], rules), inside, { nameLookups, deadline }, send);
    await expect(sent).rejects.toThrow('the topic is gone');
    expect(steps).toEqual(['read']);
  });

  it('read nothing when there is no finding', async () => {
    const { steps, nameLookups } = port();
    await withNames([], inside, { nameLookups, deadline }, async () => undefined);
    expect(steps).toEqual([]);
  });
});
