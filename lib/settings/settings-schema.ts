import { z } from 'zod';
import { stageName } from './read-settings.ts';
import { settingsShape } from './settings.ts';

/** Returns the JSON Schema of flow-sentinel.json, with which editors complete and check the file. */
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
          'Deployments by name. "default" is the stack FlowSentinel, any other name the stack FlowSentinel-<name>.',
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
