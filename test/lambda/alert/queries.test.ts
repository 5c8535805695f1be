import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  athenaQuery,
  athenaValuesQuery,
  explainCommand,
  insightsQuery,
  listAlertsCommand,
  silenceAlertCommand,
  silenceCommand,
} from '../../../lambda/alert/queries.ts';
import { printable } from '../../../lambda/common/text.ts';
import { epoch } from '../../support/flows.ts';

const window = { from: epoch - 3600, to: epoch };
const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((text) => printable(text) !== '');

/** Returns the words of a command as a shell passes them to the program. */
function wordsOf(command: string): string[] {
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' });
  return printed.split('\0').slice(0, -1);
}

function ending(until: string): string[] {
  return ['--reason', '...', '--until', until];
}

describe('athenaQuery', () => {
  it('compares the counted endpoints, and numbers without quotes', () => {
    expect(athenaQuery({ srcaddr: '10.0.1.5', dstport: '22', 'interface-id': 'eni-1' }, window, true)).toBe(
      `SELECT * FROM vpc_flow_logs WHERE COALESCE(pkt_srcaddr, srcaddr) = '10.0.1.5' AND dstport = 22 AND interface_id = 'eni-1' AND "end" BETWEEN ${epoch - 3600} AND ${epoch} AND day >= '2026-11-24' ORDER BY "end"`,
    );
  });

  it('compares an alias’s address with both endpoints, and leaves out an endpoint that means any', () => {
    expect(athenaQuery({ host: '10.0.1.5', service: 'x', dstaddr: '*' }, window, false)).toBe(
      `SELECT * FROM vpc_flow_logs WHERE '10.0.1.5' IN (srcaddr, dstaddr) AND "end" BETWEEN ${epoch - 3600} AND ${epoch} AND day >= '2026-11-24' ORDER BY "end"`,
    );
  });

  it('quotes any value', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const query = athenaQuery({ 'interface-id': value }, window, false);
        const [, quoted] =
          /interface_id = '((?:[^']|'')*)' AND "end" BETWEEN \d+ AND \d+ AND day >= '[\d-]+' ORDER BY "end"$/u.exec(
            query,
          )!;
        expect(quoted!.replaceAll("''", "'")).toBe(printable(value));
      }),
    );
  });
});

describe('athenaValuesQuery', () => {
  const key = { srcaddr: '10.0.1.5' };
  const counts = `COUNT(*) AS flows, COUNT_IF(action = 'ACCEPT') AS accepted, MIN("end") AS first_end, MAX("end") AS last_end`;
  const when = `"end" BETWEEN ${epoch - 3600} AND ${epoch} AND day >= '2026-11-24'`;

  it('counts the flows of each value, and names the values when they are complete', () => {
    const ports = { field: 'dstport', values: ['22', '443'], more: 0 };
    expect(athenaValuesQuery(key, window, false, ports, false)).toBe(
      `SELECT dstport, ${counts} FROM vpc_flow_logs WHERE srcaddr = '10.0.1.5' AND ${when} AND dstport IN (22, 443) GROUP BY 1 ORDER BY flows DESC, 1`,
    );
    const destinations = { field: 'dstaddr', values: ['10.0.4.1'], more: 0 };
    expect(athenaValuesQuery(key, window, true, destinations, false)).toBe(
      `SELECT COALESCE(pkt_dstaddr, dstaddr) AS destination, ${counts} FROM vpc_flow_logs WHERE COALESCE(pkt_srcaddr, srcaddr) = '10.0.1.5' AND ${when} AND COALESCE(pkt_dstaddr, dstaddr) IN ('10.0.4.1') GROUP BY 1 ORDER BY flows DESC, 1`,
    );
  });

  it.each([
    ['there are more', { field: 'dstport', values: ['22'], more: 1 }, false],
    ['there may be more', { field: 'dstport', values: ['22'], more: 0 }, true],
    ['one is a hash', { field: 'vpc-id', values: ['a'], hashes: ['0'], more: 0 }, false],
    ['one has a control character', { field: 'vpc-id', values: ['a\u0007'], more: 0 }, false],
    ['they are many', { field: 'dstport', values: Array.from({ length: 21 }, (_, n) => String(n)), more: 0 }, false],
    ['they are combinations', { field: 'dstaddr', also: ['end'], values: [['10.0.4.1', '5']], more: 0 }, false],
  ])('finds any value when %s', (_, distinct, isLowerBound) => {
    expect(athenaValuesQuery(key, window, false, distinct, isLowerBound)).not.toContain(' IN (');
  });

  it('quotes any value', () => {
    fc.assert(
      fc.property(
        anyText.filter((text) => printable(text) === text),
        (value) => {
          const query = athenaValuesQuery(key, window, false, { field: 'vpc-id', values: [value], more: 0 }, false);
          const [, quoted] = /vpc_id IN \('((?:[^']|'')*)'\) GROUP BY 1 ORDER BY flows DESC, 1$/u.exec(query)!;
          expect(quoted!.replaceAll("''", "'")).toBe(value);
        },
      ),
    );
  });
});

describe('insightsQuery', () => {
  it('finds lines with all values of the key, in any format', () => {
    expect(insightsQuery({ srcaddr: '10.0.1.5', dstaddr: '2001:db8::7', dstport: '*' })).toBe(
      'fields @timestamp, @message | filter @message like /(^|\\s)10\\.0\\.1\\.5(\\s|$)/ | filter @message like /(^|\\s)2001:db8::7(\\s|$)/ | sort @timestamp asc | limit 1000',
    );
  });

  it('has a regular expression that matches exactly the value, for any value', () => {
    fc.assert(
      fc.property(
        anyText.filter((text) => !text.includes('*')),
        (value) => {
          const query = insightsQuery({ 'interface-id': value });
          const [, pattern] = /like \/((?:[^/\\]|\\.)*)\/ \| sort @timestamp asc \| limit 1000$/u.exec(query)!;
          const expression = new RegExp(pattern!, 'u');
          expect(expression.test(`2 ${printable(value)} 6`)).toBe(true);
          expect(expression.test(`2 x${printable(value)}x 6`)).toBe(false);
        },
      ),
    );
  });
});

describe('silenceCommand', () => {
  it('names rule and key, and ends 30 days after the window', () => {
    expect(silenceCommand('beaconing', { srcaddr: '10.0.1.5', dstaddr: 'fc00::7' }, window)).toBe(
      'npx flow-sentinel rules silence beaconing srcaddr=10.0.1.5 dstaddr=fc00::7 --reason "..." --until 2026-12-24',
    );
  });

  it('is undefined when it would silence the complete rule', () => {
    expect(silenceCommand('beaconing', { srcaddr: '*', dstaddr: '*' }, window)).toBeUndefined();
  });

  it('quotes any value as one word of a shell', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        fc.pre(value !== '*');
        const command = silenceCommand('some_rule', { 'interface-id': value }, window)!;
        const [, word] = /^npx flow-sentinel rules silence some_rule (.*) --reason "\.\.\." --until [\d-]+$/u.exec(
          command,
        )!;
        const unquoted = /^[\w./:=@-]+$/.test(word!)
          ? word
          : /^'((?:[^']|'\\'')*)'$/u.exec(word!)?.[1]?.replaceAll("'\\''", "'");
        expect(unquoted).toBe(printable(`interface-id=${value}`));
      }),
    );
  });
});

describe('the queries and commands of a key with a scope', () => {
  const scope = { 'account-id': '123456789012', 'vpc-id': 'vpc-0a' };
  const key = { srcaddr: '10.0.1.5', ...scope };
  const record = { id: '0123456789abcdef' };

  it('name the account and the VPC', () => {
    const conditions = "srcaddr = '10.0.1.5' AND account_id = '123456789012' AND vpc_id = 'vpc-0a'";
    expect(athenaQuery(key, window, false)).toContain(`WHERE ${conditions} AND`);
    expect(insightsQuery(key)).toContain('(^|\\s)123456789012(\\s|$)/ | filter @message like /(^|\\s)vpc-0a(\\s|$)/');
    expect(silenceCommand('port_scan', key, window)).toContain(
      'silence port_scan srcaddr=10.0.1.5 account-id=123456789012 vpc-id=vpc-0a --reason',
    );
    expect(silenceAlertCommand('port_scan', { srcaddr: '10.0.1.5' }, record, scope)).toContain(
      'silence port_scan srcaddr=10.0.1.5 --account 123456789012 --vpc vpc-0a --reason',
    );
    expect(silenceAlertCommand('port_scan', { srcaddr: '10.0.1.5' }, record, { 'account-id': '-' })).toContain(
      'silence port_scan srcaddr=10.0.1.5 --account - --reason',
    );
  });

  it('find flows without an account when the scope has none', () => {
    const unknown = { srcaddr: '10.0.1.5', 'account-id': '-' };
    expect(athenaQuery(unknown, window, false)).toContain("WHERE srcaddr = '10.0.1.5' AND account_id IS NULL AND");
    expect(insightsQuery(unknown)).toBe(insightsQuery({ srcaddr: '10.0.1.5' }));
    expect(silenceCommand('port_scan', unknown, window)).toContain('silence port_scan srcaddr=10.0.1.5 --reason');
  });
});

describe('the commands of a message', () => {
  it('stay complete and inert in a shell when a rule and a value have quotes', () => {
    const [rule, value] = ["it's", 'a\'b; echo $(id) `id` "c" \\'];
    const key = { 'interface-id': value };
    const commands = [
      explainCommand(rule),
      listAlertsCommand(rule),
      silenceCommand(rule, key, window)!,
      silenceAlertCommand(rule, key, { id: '0123456789abcdef' }, undefined),
    ];
    expect(commands.map(wordsOf)).toEqual([
      ['npx', 'flow-sentinel', 'rules', 'explain', rule],
      ['npx', 'flow-sentinel', 'alerts', 'list', '--rule', rule],
      [...['npx', 'flow-sentinel', 'rules', 'silence', rule], `interface-id=${value}`, ...ending('2026-12-24')],
      [...['npx', 'flow-sentinel', 'alerts', 'silence', rule], `interface-id=${value}`, ...ending('1d')],
    ]);
  });
});

describe('silenceAlertCommand', () => {
  const record = { id: '0123456789abcdef' };

  it('names rule and key, also when an overflow key names no endpoint', () => {
    expect(silenceAlertCommand('beaconing', { srcaddr: '10.0.1.5', dstaddr: 'fc00::7' }, record, undefined)).toBe(
      'npx flow-sentinel alerts silence beaconing srcaddr=10.0.1.5 dstaddr=fc00::7 --reason "..." --until 1d',
    );
    expect(silenceAlertCommand('beaconing', { srcaddr: '*', dstaddr: '*' }, record, undefined)).toContain(
      "beaconing 'srcaddr=*' 'dstaddr=*' --reason",
    );
  });

  it('queries the refused flows of the port, and offers no filter, when the source is any with a port', () => {
    const key = { srcaddr: '*:22', dstaddr: '10.0.2.7' };
    const window = { from: 1_795_510_800, to: 1_795_514_400 };
    const query = athenaQuery(key, window, false);
    expect(query).toContain("WHERE dstaddr = '10.0.2.7' AND dstport = 22 AND action = 'REJECT' AND");
    expect(query).not.toContain('srcaddr');
    expect(insightsQuery(key)).not.toContain('*:22');
    expect(silenceCommand('repeated_rejects', key, window)).toBeUndefined();
    expect(silenceCommand('repeated_rejects', { srcaddr: '10.0.1.5', dstaddr: '*' }, window)).toBeUndefined();
    expect(silenceAlertCommand('repeated_rejects', key, record, undefined)).toContain(
      "'srcaddr=*:22' dstaddr=10.0.2.7",
    );
  });

  it.each([
    ['has a control character', 'a\u0007b'],
    ['is truncated', 'x'.repeat(256)],
  ])('names the alert’s id when a value %s', (_, value) => {
    expect(silenceAlertCommand('beaconing', { 'interface-id': value }, record, undefined)).toBe(
      'npx flow-sentinel alerts silence 0123456789abcdef --reason "..." --until 1d',
    );
  });
});
