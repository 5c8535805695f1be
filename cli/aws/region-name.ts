/**
 * Returns whether a text has the form of a region's name, such as `eu-central-1` or `us-gov-west-1`. Such a name is safe as
 * a part of a host name and of a path. The region may be unknown to AWS.
 */
export function isRegionName(text: string): boolean {
  return text.length <= 32 && /^[a-z]+(?:-[a-z]+)+-\d{1,2}$/.test(text);
}
