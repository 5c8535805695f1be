import { describe, expect, it } from 'vitest';
import { completeLine } from '../../../../cli/hunt/shell/complete-line.ts';
import { parseShellCommand } from '../../../../cli/hunt/shell/shell-command.ts';

describe('parseShellCommand', () => {
  it('parses a ready hunt with its addresses and options', () => {
    expect(parseShellCommand('.hunt host 10.0.1.5 --top 5 --days 2;')).toMatchObject({
      kind: 'hunt',
      hunt: { name: 'host' },
      addresses: ['10.0.1.5'],
      options: { top: 5, days: 2 },
    });
    expect(parseShellCommand('.hunt timeline --interval 5m')).toMatchObject({ options: { top: 1000, interval: 300 } });
    expect(parseShellCommand('.hunt new-targets --since 2026-11-24')).toMatchObject({
      options: { since: 1_795_478_400 },
    });
  });

  it('parses commands without arguments, and the file of .output', () => {
    expect(parseShellCommand('  .quit ')).toEqual({ kind: 'quit' });
    expect(parseShellCommand('.exit')).toEqual({ kind: 'quit' });
    expect(parseShellCommand('.tables;')).toEqual({ kind: 'tables' });
    expect(parseShellCommand('.output my rows.csv')).toEqual({ kind: 'output', file: 'my rows.csv' });
  });

  it.each([
    ['.nothing', 'the command .nothing is unknown; .help shows the commands'],
    ['.help me', '.help is invalid: got me, expected no argument'],
    ['.output', '.output is invalid: the file is missing, such as .output rows.parquet'],
    ['.hunt', '.hunt is invalid: got no name, expected one of those that .hunts lists'],
    ['.hunt host', '.hunt host is invalid: got 0 arguments, expected 1, as .hunts shows'],
    ['.hunt counters 10.0.0.1', '.hunt counters is invalid: got 1 argument, expected none'],
    ['.hunt counters --top x', '--top is invalid: got x'],
    ['.hunt counters --tip 1', ".hunt is invalid: Unknown option '--tip'"],
  ])('rejects %s', (line, message) => {
    expect(() => parseShellCommand(line)).toThrow(message);
  });
});

describe('completeLine', () => {
  const names = { tables: ['vpc_flow_logs', 'assets'], lists: ['internal_networks'] };

  it.each([
    ['.hu', ['.hunts', '.hunt'], '.hu'],
    ['.hunt sca', ['scans'], 'sca'],
    ['SELECT srca', ['srcaddr'], 'srca'],
    ['SELECT f.dstp', ['dstport'], 'dstp'],
    ['SELECT pkt-src', ['pkt-srcaddr', 'pkt-src-aws-service'], 'pkt-src'],
    ['SELECT * FROM vpc_', ['vpc_id', 'vpc_flow_logs'], 'vpc_'],
    ["WHERE network_of('inter", ['interface_id', 'interface-id', 'internal_networks'], 'inter'],
    ['sel', ['SELECT'], 'sel'],
    ['SELECT ', [], ''],
  ])('completes %j', (line, expected, word) => {
    const [found, completed] = completeLine(line, names);
    expect(found).toEqual(expect.arrayContaining(expected));
    expect(found.every((one) => one.toLowerCase().startsWith(word.toLowerCase()))).toBe(true);
    expect(completed).toBe(word);
  });
});
