import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeAlert } from '../../lambda/alert/alert.ts';
import { findingsOf } from '../support/findings.ts';
import { directed, flowOf, formatOf } from '../support/flows.ts';
import { defaultRules } from '../support/rules.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/alerts/alerts.md'), 'utf8');
const block = (language: string) => new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)?.[1];

/** Writes the alert of one flow from an instance to an outside address, in the deployed format. */
async function example() {
  const flow = flowOf(
    {
      srcaddr: '10.0.3.30',
      dstaddr: '198.18.0.9',
      'pkt-srcaddr': '10.0.3.30',
      'pkt-dstaddr': '198.18.0.9',
      bytes: 150_000_000,
      packets: 100_000,
      'flow-direction': 'egress',
      'tcp-flags': 2,
      'traffic-path': 8,
      'instance-id': 'i-0123456789abcdef0',
      'subnet-id': 'subnet-0123456789abcdef0',
      'vpc-id': 'vpc-0123456789abcdef0',
      region: 'eu-west-1',
    },
    formatOf(`${directed.names.join(' ')} tcp-flags traffic-path instance-id subnet-id vpc-id region`),
  );
  const [finding] = await findingsOf([flow], defaultRules);
  const namesOf = (address: string) =>
    address === '10.0.3.30' ? [{ list: 'internal_networks', network: '10.0.0.0/8' }] : [];
  return writeAlert(finding!, { account: undefined, region: undefined, lookupLists: namesOf });
}

describe('docs/alerts/alerts.md', () => {
  it('shows the e-mail that writeAlert writes', async () => {
    const { subject, text: email } = await example();
    expect(block('text')).toBe(`Subject: ${subject}\n\n${email}`);
  });

  it('shows the JSON that writeAlert writes', async () => {
    const { body } = await example();
    expect(JSON.parse(block('json') ?? 'null')).toEqual(JSON.parse(body));
  });

  it('lists the message attributes of a filter policy', async () => {
    const { attributes } = await example();
    expect([...text.matchAll(/^\| `(\w+)` \| attribute/gm)].map(([, name]) => name)).toEqual([...attributes.keys()]);
  });
});
