import type { Stage } from './read-settings.ts';

const kinds = ['vpcIds', 'subnetIds', 'networkInterfaceIds', 'transitGatewayIds'] as const;

/** Returns a warning for each resource that two stages log: its traffic is logged, counted and paid twice. */
export function sharedResources(stages: readonly Stage[]): { readonly id: string; readonly text: string }[] {
  const ids = new Set(stages.flatMap(({ settings }) => kinds.flatMap((kind) => settings[kind])));
  return [...ids].flatMap((id) => {
    const names = stages
      .filter(({ settings }) => kinds.some((kind) => settings[kind].includes(id)))
      .map(({ name }) => name);
    if (names.length < 2) return [];
    const text = `the stages ${names.join(' and ')} log ${id}: its traffic is logged, counted and paid twice; remove it from one of them`;
    return [{ id, text }];
  });
}
