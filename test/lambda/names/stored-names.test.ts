import { describe, expect, it } from 'vitest';
import type { KnownAddress } from '../../../lambda/names/known-interface.ts';
import { foundEntry, missingEntry, type NameEntry } from '../../../lambda/names/name-entry.ts';
import { readNameKey } from '../../../lambda/names/name-key.ts';
import { StoredNames } from '../../../lambda/names/stored-names.ts';

const [eni, other, vpc, otherVpc] = ['eni-0a1b2c3d', 'eni-0b1b2c3d', 'vpc-0a1b2c3d', 'vpc-0b1b2c3d'];
const now = 10_000;

function known(id: string, values: Partial<KnownAddress> = {}): KnownAddress {
  return {
    interface: id,
    kind: 'instance',
    id: `i-${id.slice(4)}`,
    vpc,
    groups: [],
    address: '10.0.1.5',
    isShared: false,
    ...values,
  };
}

function namesOf(entries: Record<string, NameEntry>, alsoRead: readonly string[] = []) {
  const read = [...Object.keys(entries), ...alsoRead].map((text) => readNameKey(text)!);
  return new StoredNames(read, new Map(Object.entries(entries)), now);
}

const hints = (values: object = {}) => ({ own: [], interfaces: [eni], vpcs: [vpc], ...values });

describe('stored names', () => {
  it('finds the holder of an address in the VPC of the flows, and in no other', () => {
    const names = namesOf({
      [`address#${otherVpc}#10.0.1.5`]: foundEntry(undefined, [known(other, { vpc: otherVpc })], now),
    });
    expect(names.addressOf('10.0.1.5', hints())).toBeUndefined();
    expect(names.addressOf('10.0.1.5', hints({ vpcs: [otherVpc] }))).toMatchObject({ interface: other });
  });

  it('finds no holder when two VPCs of the flows have the address, unless an interface of the flows decides', () => {
    const names = namesOf({
      [`address#${vpc}#10.0.1.5`]: foundEntry(undefined, [known(eni)], now),
      [`address#${otherVpc}#10.0.1.5`]: foundEntry(undefined, [known(other)], now),
    });
    expect(names.addressOf('10.0.1.5', hints({ interfaces: [], vpcs: [vpc, otherVpc] }))).toBeUndefined();
    expect(names.addressOf('10.0.1.5', hints({ vpcs: [vpc, otherVpc] }))).toMatchObject({ interface: eni });
  });

  it('finds the holder by the interface of the flows when records have no VPC', () => {
    const names = namesOf({
      [`address#${eni}#10.0.1.9`]: foundEntry(undefined, [known(other, { address: '10.0.1.9' })], now),
    });
    expect(names.addressOf('10.0.1.9', hints({ vpcs: [] }))).toMatchObject({ interface: other });
  });

  it('knows no holder other than the interface that logged the address', () => {
    const names = namesOf({ [`address#${vpc}#10.0.1.5`]: foundEntry(undefined, [known(other)], now) });
    expect(names.addressOf('10.0.1.5', hints({ own: [eni] }))).toBeUndefined();
    expect(names.addressOf('10.0.1.5', hints({ own: [other] }))).toMatchObject({ interface: other });
  });

  it('says that a name is old when the address decides and an hour has passed, and not when the interface does', () => {
    const old = foundEntry(undefined, [known(eni)], now - 3600);
    const names = namesOf({ [`address#${vpc}#10.0.1.5`]: old, [`interface#${eni}`]: old });
    expect(names.addressOf('10.0.1.5', hints({ interfaces: [] }))).toHaveProperty('isOld', true);
    expect(names.addressOf('10.0.1.5', hints())).not.toHaveProperty('isOld');
    expect(names.addressOf('10.0.1.5', hints({ own: [eni] }))).not.toHaveProperty('isOld');
    expect(names.interfaceOf(eni)).not.toHaveProperty('isOld');
    expect(names.time).toBe(now - 3600);
  });

  it('says why an interface is unknown, and nothing about one that was not read', () => {
    const missing = missingEntry(undefined, { reason: 'throttled', time: 9000 });
    const names = namesOf({ [`interface#${eni}`]: missing }, [`interface#${other}`]);
    expect(names.unknownInterface(eni)).toEqual({ interface: eni, result: 'throttled', time: 9000 });
    expect(names.unknownInterface(other)).toEqual({ interface: other, result: 'pending' });
    expect(names.unknownInterface('eni-0c1b2c3d')).toBeUndefined();
    expect(names.time).toBeUndefined();
  });

  it('has the former holder, and the time at which nobody had the address', () => {
    const first = foundEntry(undefined, [known(eni, { name: 'web-1' })], 1000);
    const second = missingEntry(foundEntry(first, [known(other)], 5000), { reason: 'not found', time: 9000 });
    expect(namesOf({ [`address#${vpc}#10.0.1.5`]: second }).addressOf('10.0.1.5', hints())).toMatchObject({
      interface: other,
      before: { interface: eni, name: 'web-1', until: 1000 },
      seenSince: 5000,
      goneAt: 9000,
    });
  });
});
