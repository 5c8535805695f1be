/** The kinds of resources whose tags a flow log can have, by the names of the setting `tagFields`, each with its fields. */
export const tagFieldsOf = {
  instance: ['instance-tag', 'instance-tag-2'],
  interface: ['interface-tag', 'interface-tag-2'],
  autoScalingGroup: ['asg-tag', 'asg-tag-2'],
} as const;

/** A kind of resources with tags. */
export type TaggedResource = keyof typeof tagFieldsOf;

/** All kinds of resources with tags. */
export const taggedResources = Object.keys(tagFieldsOf) as TaggedResource[];

/** The keys of the tags in a flow log, by resource: the first key is that of the first field. */
export type TagFields = { readonly [resource in TaggedResource]?: readonly string[] | undefined };

/** Returns the key of the tag in each field that a flow log with these tags has, in the order of the fields. */
export function tagKeysByField(tagFields: TagFields): ReadonlyMap<string, string> {
  return new Map(
    taggedResources.flatMap((resource) =>
      (tagFields[resource] ?? []).map((key, index): [string, string] => [tagFieldsOf[resource][index]!, key]),
    ),
  );
}
