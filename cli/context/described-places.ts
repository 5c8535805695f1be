import { type Json, memberOf } from '../../lambda/common/json-value.ts';
import { elementsOf } from '../../lambda/context/aws-json.ts';
import type { DescribePlaces } from '../../lambda/context/resolve-places.ts';
import { ec2Answers } from '../names/read-names.ts';

/** The most interfaces that a change may concern, as in the deployed function. */
const maxInterfaces = 100;

/**
 * Says what changes concern by answers of EC2 on disk, instead of calls: those of describe-network-interfaces,
 * describe-network-acls and describe-route-tables. They are of another time than the change.
 *
 * @param path the folder or the file of `--names`; without it, nothing is known
 * @throws InputError if a file cannot be read
 */
export function describedPlaces(path: string | undefined): DescribePlaces {
  const answers = path === undefined ? [] : ec2Answers(path);
  // A file may have more than a page of an answer: the AWS CLI joins the pages.
  const listed = (list: string) => answers.flatMap((answer) => arrayOf(memberOf(answer, list)));
  const interfaces = listed('NetworkInterfaces');
  const [acls, routeTables] = [listed('NetworkAcls'), listed('RouteTables')];
  const groupsOf = (one: Json) => elementsOf(memberOf(one, 'Groups')).map((group) => memberOf(group, 'GroupId'));
  const isAny = (ids: readonly string[], id: Json) => ids.some((one) => one === id);
  return {
    interfacesOf: async (groups) => ({
      NetworkInterfaces: interfaces
        .filter((one) => groupsOf(one).some((id) => isAny(groups, id)))
        .slice(0, maxInterfaces),
    }),
    acls: async (ids) => ({ NetworkAcls: acls.filter((one) => isAny(ids, memberOf(one, 'NetworkAclId'))) }),
    routeTables: async (ids) => ({
      RouteTables: routeTables.filter((one) => isAny(ids, memberOf(one, 'RouteTableId'))),
    }),
  };
}

function arrayOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
