import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeDigest } from '../../../lambda/alert/alert.ts';
import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import {
  type Access,
  accessOfPair,
  compareStandings,
  mostTellingFirst,
  type Standing,
} from '../../../lambda/alert/digest-order.ts';
import { keyOf } from '../../../lambda/counters/delta.ts';
import type { Finding } from '../../../lambda/evaluate/finding.ts';
import { expectAlertBody } from '../../support/alert-schema.ts';
import { findingsOf } from '../../support/findings.ts';
import { flowOf } from '../../support/flows.ts';
import { defaultRules, fewRules } from '../../support/rules.ts';

const { insideNetworks } = defaultRules;
const context = { account: '123456789012', region: 'eu-west-1', insideNetworks };

const rejects = (count: number, srcaddr: string) =>
  Array.from({ length: count }, () => flowOf({ srcaddr, action: 'REJECT' }));

const accepts = (srcaddr: string, bytes: number) => flowOf({ srcaddr, bytes });

/** Returns the findings of repeated_rejects. */
async function rejected(flows: readonly ReturnType<typeof flowOf>[]): Promise<Finding[]> {
  return (await findingsOf(flows, fewRules)).filter(({ rule }) => rule.name === 'repeated_rejects');
}

const sourcesOf = (findings: readonly Finding[]) => findings.map(({ rule, delta }) => keyOf(rule, delta).srcaddr);

/** An outside source that was rejected as often as the others, and got in. */
const planted = '198.18.77.7';

const standing = fc.record<Standing>({
  access: fc.constantFrom<Access>('data', 'accepted', 'refused'),
  isInside: fc.boolean(),
  multiple: fc.constantFrom(0, 1, 10, 100),
  value: fc.oneof(fc.constantFrom(11, 12, 2n ** 64n), fc.nat()),
  pk: fc.constantFrom('a', 'b', 'c'),
  id: fc.constantFrom('1', '2', '3'),
});

const sign = (number: number) => (number > 0 ? 1 : number < 0 ? -1 : 0);

/** Compares two standings property by property, written out. */
function slowlyCompared(a: Standing, b: Standing): number {
  const accesses = ['refused', 'accepted', 'data'];
  const telling = (one: Standing) => [accesses.indexOf(one.access), one.isInside ? 1 : 0, one.multiple, one.value];
  const [ofA, ofB] = [telling(a), telling(b)];
  for (let index = 0; index < 4; index += 1) if (ofA[index] !== ofB[index]) return ofA[index]! > ofB[index]! ? -1 : 1;
  return sign([a.pk, a.id].join().localeCompare([b.pk, b.id].join()));
}

describe('compareStandings', () => {
  it('is a total order: antisymmetric, transitive, and 0 only for the same alert', () => {
    fc.assert(
      fc.property(standing, standing, standing, (a, b, c) => {
        expect(sign(compareStandings(a, b))).toBe(slowlyCompared(a, b));
        expect(sign(compareStandings(a, b))).toBe(-sign(compareStandings(b, a)) + 0);
        if (a.pk !== b.pk || a.id !== b.id) expect(compareStandings(a, b)).not.toBe(0);
        if (compareStandings(a, b) <= 0 && compareStandings(b, c) <= 0) {
          expect(compareStandings(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });
});

describe('accessOfPair', () => {
  it('needs more bytes than seven unanswered SYNs for data, and ignores the bytes of an overflow pair', () => {
    expect(accessOfPair('pair#198.18.0.1#10.0.2.7', 0)).toBe('refused');
    expect(accessOfPair('pair#198.18.0.1#10.0.2.7', 560)).toBe('accepted');
    expect(accessOfPair('pair#198.18.0.1#10.0.2.7', 561)).toBe('data');
    for (const pk of ['pair#*#10.0.2.7', 'pair#198.18.0.1#*', 'pair#*#*']) {
      expect(accessOfPair(pk, 2n ** 64n)).toBe('refused');
    }
  });
});

describe('mostTellingFirst', () => {
  it('begins with accepted data, then accepted traffic, sources inside, multiples, values and keys', async () => {
    const sources = {
      '198.18.0.9': [...rejects(11, '198.18.0.9'), accepts('198.18.0.9', 561)],
      '198.18.0.8': [...rejects(200, '198.18.0.8'), accepts('198.18.0.8', 560)],
      '10.0.9.9': rejects(11, '10.0.9.9'),
      '198.18.0.7': rejects(101, '198.18.0.7'),
      '198.18.0.6': rejects(12, '198.18.0.6'),
      '198.18.0.4': rejects(11, '198.18.0.4'),
      '198.18.0.5': rejects(11, '198.18.0.5'),
    };
    const findings = await rejected(Object.values(sources).flat());
    expect(sourcesOf(mostTellingFirst(findings.reverse(), insideNetworks))).toEqual(Object.keys(sources));
  });

  it('begins with sources that got through when a rule groups by source', async () => {
    const tried = (srcaddr: string, action: string, count: number) =>
      Array.from({ length: count }, (_, n) => flowOf({ srcaddr, dstaddr: `10.0.4.${n}`, dstport: 22, action }));
    const flows = [
      ...tried('10.0.1.5', 'REJECT', 40),
      ...tried('10.0.1.6', 'REJECT', 9),
      ...tried('10.0.1.6', 'ACCEPT', 10),
    ];
    const findings = (await findingsOf(flows, fewRules)).filter(({ rule }) => rule.name === 'lateral_movement');
    expect(sourcesOf(mostTellingFirst(findings, insideNetworks))).toEqual(['10.0.1.6', '10.0.1.5']);
  });
});

describe('writeDigest', () => {
  let findings: readonly Finding[];

  beforeAll(async () => {
    const spoofed = Array.from({ length: 300 }, (_, n) => rejects(11, `198.18.${n >> 8}.${n & 255}`)).flat();
    findings = await rejected([...spoofed, ...rejects(11, planted), accepts(planted, 5_000_000)]);
    expect(findings).toHaveLength(301);
  });

  it('names the source that got in first, whatever 300 spoofed sources do and in any order of the batch', () => {
    const order = fc.shuffledSubarray([...findings.keys()], { minLength: 301 });
    const record = fc.record({ multiple: fc.constantFrom(1, 10, 100), value: fc.nat() });
    const records = fc.array(record, { minLength: 301, maxLength: 301 });
    const stormOf = (index: number, values: Pick<Finding['record'], 'multiple' | 'value'>): Finding => {
      const finding = findings[index]!;
      const isPlanted = finding.delta.key.fields.get('srcaddr') === planted;
      return isPlanted ? finding : { ...finding, record: { ...finding.record, ...values } };
    };
    let first: string | undefined;
    fc.assert(
      fc.property(order, records, (indexes, values) => {
        const all = indexes.map((index) => stormOf(index, values[index]!));
        const { subject, text, body: json } = writeDigest(all, context);
        const body = JSON.parse(json) as AlertBody;
        expectAlertBody(body);
        expect(subject).toContain(`301 at once, first ${planted} -> 10.0.2.7 with 11 flow records`);
        expect(text.split('\n').find((line) => line.startsWith('- '))).toBe(
          `- ${planted} -> 10.0.2.7: 11 flow records (in all 5 MB accepted, 11 rejected)`,
        );
        expect(body.key.srcaddr).toBe(planted);
        expect(body.digest?.keys[0]?.key.srcaddr).toBe(planted);
        expect(body.digest).toMatchObject({ alerts: 301, unlisted: 281 });
        expect(text.split('\n').length).toBeLessThan(40);
        const reversed = writeDigest(all.toReversed(), context);
        expect(reversed).toEqual(writeDigest(all, context));
        first ??= body.id;
        expect(body.id).toBe(first);
      }),
      { numRuns: 20 },
    );
  });

  it('gives the command that lists all alerts, unless the e-mail names all or they have ended', () => {
    const command = 'npx flow-sentinel alerts list --rule repeated_rejects';
    const textOf = (some: readonly Finding[]) => writeDigest(some, context).text;
    expect(textOf(findings)).toContain(`- To list all 301 while they are live: ${command}\n`);
    expect(textOf(findings.slice(0, 10))).not.toContain('alerts list');
    const ended = writeDigest(
      findings.map((finding) => ({ ...finding, record: { ...finding.record, multiple: 0 } })),
      context,
    );
    expect(ended.text).not.toContain('alerts list');
    const { digest } = JSON.parse(ended.body) as AlertBody;
    expect(digest).toMatchObject({ alerts: 301, unlisted: 281 });
    expect(digest).not.toHaveProperty('listCommand');
  });
});
