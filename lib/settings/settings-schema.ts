import { z } from 'zod';
import { settingsShape, stageName } from './settings.ts';

/** The JSON Schema of flow-sentinel.json, by which editors complete and check it. */
export function settingsSchemaText(): string {
  const settings = z.toJSONSchema(settingsShape, { io: 'input' });
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'flow-sentinel settings',
    type: 'object',
    required: ['stages'],
    properties: {
      $schema: { type: 'string' },
      stages: {
        description:
          'The deployments, by their names; "default" is the stack FlowSentinel, any other FlowSentinel-<name>.',
        type: 'object',
        minProperties: 1,
        propertyNames: { pattern: stageName.source },
        additionalProperties: { $ref: '#/$defs/settings' },
      },
    },
    additionalProperties: false,
    $defs: { settings: { ...settings, $schema: undefined } },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
