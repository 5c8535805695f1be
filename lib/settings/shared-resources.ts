import { isMap, readDocuments, type SourceFile } from '../../sigma/parse/yaml-document.ts';
import type { Stage } from './read-settings.ts';

const kinds = ['vpcIds', 'subnetIds', 'networkInterfaceIds', 'transitGatewayIds'] as const;

/**
 * Returns a warning for each resource that two stages log: its traffic is logged, counted and paid twice. A stage of the
 * settings file that `-c stage` does not select counts as well, since it may be deployed already.
 *
 * @param stages the selected stages
 */
export function sharedResources(
  stages: readonly Stage[],
  file: SourceFile,
): { readonly id: string; readonly text: string }[] {
  const selected = stages.map(({ name, settings }) => ({ name, ids: kinds.flatMap((kind) => settings[kind]) }));
  const others = idsByStage(file).filter(({ name }) => !stages.some((stage) => stage.name === name));
  return [...new Set(selected.flatMap(({ ids }) => ids))].flatMap((id) => {
    const names = [...selected, ...others].filter(({ ids }) => ids.includes(id)).map(({ name }) => name);
    if (names.length < 2) return [];
    const text = `the stages ${names.join(' and ')} log ${id}: its traffic is logged, counted and paid twice; remove it from one of them`;
    return [{ id, text }];
  });
}

/** Returns the ids of each stage of the file as they are written there, without a check of other settings. */
function idsByStage(file: SourceFile): { readonly name: string; readonly ids: readonly unknown[] }[] {
  const root = readDocuments(file).documents[0]?.value;
  const stages = isMap(root) && isMap(root.stages) ? root.stages : {};
  return Object.entries(stages).map(([name, settings]) => ({
    name,
    ids: kinds.flatMap((kind): unknown[] => {
      const ids = isMap(settings) ? settings[kind] : [];
      return Array.isArray(ids) ? ids : [];
    }),
  }));
}
