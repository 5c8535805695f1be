import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describedPlaces } from '../../../cli/context/described-places.ts';
import { resolvePlaces } from '../../../lambda/context/resolve-places.ts';
import { changeWith } from '../../support/around-events.ts';
import { described } from '../../support/describe-answers.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const group = 'sg-0a1b2c3d4e5f60718';

/** A folder with these answers. */
function folderOf(answers: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder();
  for (const [name, answer] of Object.entries(answers)) writeFileSync(join(folder, name), JSON.stringify(answer));
  return folder;
}

const withGroup = (id: string) => described({ NetworkInterfaceId: id, Groups: [{ GroupId: group }] });

describe('describedPlaces', () => {
  it('says which interfaces a changed group has, and which subnets an ACL and a route table have', async () => {
    const associations = [{ SubnetId: 'subnet-0b1b2c3d4e5f60718' }, { Main: true }];
    const places = describedPlaces(
      folderOf({
        'interfaces.json': { NetworkInterfaces: [described(), withGroup('eni-0b1b2c3d4e5f60718')] },
        'acls.json': { NetworkAcls: [{ NetworkAclId: 'acl-1', Associations: associations.slice(0, 1) }] },
        'tables.json': { RouteTables: [{ RouteTableId: 'rtb-1', VpcId: 'vpc-0b', Associations: associations }] },
      }),
    );
    const change = changeWith({ hosts: [], groups: [group], acls: ['acl-1'], routeTables: ['rtb-1', 'rtb-2'] });
    const resolved = await resolvePlaces(change, places);
    expect(resolved.hosts).toMatchObject([{ interface: 'eni-0b1b2c3d4e5f60718', addresses: ['10.0.1.5'] }]);
    expect(resolved).toMatchObject({ subnets: ['subnet-0b1b2c3d4e5f60718'], vpcs: ['vpc-0b'] });
  });

  it('looks at all interfaces of a file, and returns the first hundred', async () => {
    const others = Array.from({ length: 1500 }, (_, n) => described({ NetworkInterfaceId: `eni-${n}` }));
    const ours = Array.from({ length: 150 }, (_, n) => withGroup(`eni-0b${n}`));
    const places = describedPlaces(folderOf({ 'all.json': { NetworkInterfaces: [...others, ...ours] } }));
    const { NetworkInterfaces } = (await places.interfacesOf([group])) as { NetworkInterfaces: unknown[] };
    expect(NetworkInterfaces).toEqual(ours.slice(0, 100));
  });

  it('knows nothing without a path, and passes over lists of another form', async () => {
    expect(await describedPlaces(undefined).interfacesOf([group])).toEqual({ NetworkInterfaces: [] });
    const odd = describedPlaces(
      folderOf({ 'a.json': { NetworkInterfaces: [7, null, { Groups: 'sg' }], NetworkAcls: 7 } }),
    );
    expect(await odd.interfacesOf([group])).toEqual({ NetworkInterfaces: [] });
    expect(await odd.acls(['acl-1'])).toEqual({ NetworkAcls: [] });
  });

  it('throws an InputError when a file is not JSON', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.json'), '{');
    expect(() => describedPlaces(folder)).toThrow('is not a JSON document of EC2');
  });
});
