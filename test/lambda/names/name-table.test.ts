import { describe, expect, it } from 'vitest';
import { readAddresses } from '../../../lambda/names/describe-answers.ts';
import { NameTable } from '../../../lambda/names/name-table.ts';
import { described } from '../../support/describe-answers.ts';

const noHints = { own: [], interfaces: [], vpcs: [] };
const addressesAt = (time: number | undefined, ...all: Record<string, unknown>[]) =>
  readAddresses({ NetworkInterfaces: all.map(described) }, new Map(), time);

const first = { NetworkInterfaceId: 'eni-0a', VpcId: 'vpc-0a' };
const second = { NetworkInterfaceId: 'eni-0b', VpcId: 'vpc-0b' };

describe('NameTable', () => {
  it('finds the only interface with an address when the VPC of the flows is known, or not given', () => {
    const table = new NameTable(
      addressesAt(5, first, { ...second, PrivateIpAddress: '10.9.9.9', PrivateIpAddresses: [] }),
    );
    expect(table.addressOf('10.0.1.5', noHints)?.interface).toBe('eni-0a');
    expect(table.addressOf('10.0.1.5', { ...noHints, interfaces: ['eni-0b'], vpcs: ['vpc-0b'] })?.interface).toBe(
      'eni-0a',
    );
    expect(table.addressOf('10.0.1.5', { ...noHints, interfaces: ['eni-0f'], vpcs: [] })?.interface).toBe('eni-0a');
    expect(table.addressOf('10.0.1.6', noHints)).toBeUndefined();
  });

  it('finds nobody when the flows are of a VPC that no interface has', () => {
    const table = new NameTable(addressesAt(5, first));
    expect(table.addressOf('10.0.1.5', { ...noHints, interfaces: ['eni-0f'], vpcs: ['vpc-0f'] })).toBeUndefined();
  });

  it('tells interfaces with the same address apart by the interface or the VPC of the flows, and never guesses', () => {
    const table = new NameTable(addressesAt(5, first, second));
    const found = (interfaces: string[], vpcs: string[]) =>
      table.addressOf('10.0.1.5', { ...noHints, interfaces, vpcs })?.interface;
    expect(found([], [])).toBeUndefined();
    expect(found(['eni-0b'], [])).toBe('eni-0b');
    expect(found([], ['vpc-0a'])).toBe('eni-0a');
    expect(found([], ['vpc-0a', 'vpc-0b'])).toBeUndefined();
    expect(found(['eni-0a'], ['vpc-0b'])).toBe('eni-0a');
    expect(found(['eni-0b', 'eni-0a'], ['vpc-0a', 'vpc-0b'])).toBeUndefined();
  });

  it('finds nobody else when the interface that logged the flows of the address is unknown', () => {
    const table = new NameTable(addressesAt(5, first));
    expect(table.addressOf('10.0.1.5', { ...noHints, own: ['eni-0f'], vpcs: ['vpc-0a'] })).toBeUndefined();
    expect(table.addressOf('10.0.1.5', { ...noHints, own: ['eni-0a'] })?.interface).toBe('eni-0a');
  });

  it('finds nobody in another VPC when the address must be in the VPCs', () => {
    const table = new NameTable(
      addressesAt(5, first, { ...second, PrivateIpAddress: '10.9.9.9', PrivateIpAddresses: [] }),
    );
    expect(table.addressOf('10.0.1.5', { ...noHints, vpcs: ['vpc-0b'], isInVpcs: true })).toBeUndefined();
    expect(table.addressOf('10.0.1.5', { ...noHints, vpcs: ['vpc-0a'], isInVpcs: true })?.interface).toBe('eni-0a');
  });

  it('forgets the addresses of an older description', () => {
    const moved = { ...first, PrivateIpAddress: '10.0.1.9', PrivateIpAddresses: [] };
    const table = new NameTable([...addressesAt(5, first), ...addressesAt(9, moved, second)]);
    expect(table.addressOf('10.0.1.5', noHints)?.interface).toBe('eni-0b');
    expect(table.addressOf('10.0.1.9', noHints)?.interface).toBe('eni-0a');
  });

  it('keeps the latest description of an interface, and its time', () => {
    const older = addressesAt(5, { ...first, Groups: [{ GroupName: 'old' }] });
    const later = addressesAt(9, { ...first, Groups: [{ GroupName: 'new' }] });
    for (const all of [
      [...older, ...later],
      [...later, ...older],
    ]) {
      const table = new NameTable(all);
      expect(table.addressOf('10.0.1.5', noHints)?.groups).toEqual(['new']);
      expect(table.interfaceOf('eni-0a')?.groups).toEqual(['new']);
      expect(table.time).toBe(9);
      expect(table.size).toBe(1);
    }
  });

  it('has no time when no description has a time', () => {
    expect(new NameTable(addressesAt(undefined, first)).time).toBeUndefined();
    expect(new NameTable([]).time).toBeUndefined();
  });
});
