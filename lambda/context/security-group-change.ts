import type { Json } from '../common/json-value.ts';
import { type ApiCall, fillIn, shortList, valuesOf } from './api-call.ts';
import { awsMember, elementsOf, lineOf, wholeNumberOf } from './aws-json.ts';
import type { Opening } from './context-event.ts';
import { maxOpenings, openingText, readAclEntry, readPermissions, readRules, widestFirst } from './read-openings.ts';

/** Returns the rules of AuthorizeSecurityGroup* and RevokeSecurityGroup*: those of the answer are complete and plain. */
export function rulesOfCall({ event, request, response }: ApiCall): Opening[] {
  const direction = event.endsWith('Egress') ? 'egress' : 'ingress';
  const answered = awsMember(response, 'securityGroupRuleSet') ?? awsMember(response, 'revokedSecurityGroupRuleSet');
  const rules = readRules(elementsOf(answered), direction);
  if (rules.length > 0) return rules;
  const permissions = readPermissions(elementsOf(awsMember(request, 'ipPermissions')), direction);
  return permissions.length > 0 ? permissions : readRules([request], direction);
}

/** Returns the rules of ModifySecurityGroupRules in both directions: the event does not say which they have. */
export function modifiedRules(call: ApiCall): Opening[] {
  const rules = modified(call).map((element) => awsMember(element, 'securityGroupRule'));
  const both = readRules(rules, 'ingress').flatMap((rule): Opening[] => [
    { ...rule, isDirectionUnknown: true },
    { ...rule, direction: 'egress', isDirectionUnknown: true },
  ]);
  return both.slice(0, maxOpenings);
}

function modified({ request }: ApiCall): readonly Json[] {
  return elementsOf(awsMember(request, 'securityGroupRule'));
}

/** `sg-0aa opened to 0.0.0.0/0 for tcp 443 (egress)` */
export function rulesText(call: ApiCall, verb: 'opened' | 'closed'): string {
  const group = fillIn('{groupId|groupName}', call);
  const direction = call.event.endsWith('Egress') ? 'egress' : 'ingress';
  const rules = widestFirst(rulesOfCall(call));
  if (rules.length > 0) return `${group} ${verb} to ${shortList(rules.map(openingText))} (${direction})`;
  const ids = valuesOf(call, 'securityGroupRuleIds');
  return ids.length > 0
    ? `${group} ${verb}: rules ${shortList(ids)} (${direction})`
    : `${group} ${verb} by rules of unknown form (${direction})`;
}

/** `rule sgr-0aa of sg-0aa set to 0.0.0.0/0 for tcp 22` */
export function modifiedText(call: ApiCall): string {
  const group = fillIn('{groupId}', call);
  const ids = modified(call).flatMap((element) => lineOf(awsMember(element, 'securityGroupRuleId'), 64) ?? []);
  const rules = widestFirst(modifiedRules(call).filter(({ direction }) => direction === 'ingress'));
  const what = rules.length > 0 ? `set to ${shortList(rules.map(openingText))}` : 'changed';
  return `${ids.length === 1 ? 'rule' : 'rules'} ${ids.length > 0 ? shortList(ids) : '(not named)'} of ${group} ${what}`;
}

/** Returns what an entry of a network ACL lets through: nothing if it denies. */
export function aclOpenings({ request }: ApiCall): Opening[] {
  const entry = awsMember(request, 'ruleAction') === 'allow' ? readAclEntry(request) : undefined;
  return entry ? [entry] : [];
}

/** `acl-0aa: entry 100 allows 0.0.0.0/0 for tcp 443 (ingress)` */
export function aclEntryText(call: ApiCall): string {
  const { request } = call;
  const action = awsMember(request, 'ruleAction') === 'allow' ? 'allows' : 'denies';
  const entry = readAclEntry(request);
  const direction = awsMember(request, 'egress') === true ? 'egress' : 'ingress';
  const what = call.event.startsWith('Delete')
    ? 'deleted'
    : `${action} ${entry ? openingText(entry) : 'traffic of unknown form'}`;
  return `${fillIn('{networkAclId}', call)}: entry ${wholeNumberOf(awsMember(request, 'ruleNumber')) ?? '(not named)'} ${what} (${direction})`;
}
