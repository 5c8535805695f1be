import { expect, it } from 'vitest';
import { entitiesOfEvent } from '../../../lambda/context/entity.ts';
import { changeWith } from '../../support/around-events.ts';

it('stores a change of many hosts by all of their interfaces first', () => {
  const hosts = Array.from({ length: 120 }, (_, n) => ({
    ...{ interface: `eni-${n}`, instance: `i-${n}`, vpc: 'vpc-0a', addresses: [`10.0.0.${n}`], groups: [] },
  }));
  const entities = entitiesOfEvent(changeWith({ hosts, groups: ['sg-0a'] }));
  expect(entities).toEqual(['group#sg-0a', ...hosts.slice(0, 99).map((host) => `interface#${host.interface}`)]);
});
