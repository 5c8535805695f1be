import { z } from 'zod';
import { settingsShape } from '../../lib/settings/settings.ts';

interface Property {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  readonly description: string;
  readonly default?: unknown;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Formats the page docs/reference/settings.md from the schema of the settings. */
export function settingsPageText(): string {
  const { properties } = z.toJSONSchema(settingsShape, { io: 'input' }) as {
    readonly properties: Readonly<Record<string, Property>>;
  };
  const rows = Object.entries(properties).map(([name, property]) =>
    [`\`${name}\``, valueText(property), defaultText(property), property.description].map(cell).join(' | '),
  );
  return `# Settings

\`flow-sentinel.json\` has the settings of each stage. All settings are optional. Editors complete them with [the schema](settings.schema.json), and \`npx cdk synth\` reports every mistake with its line. \`-c name=value\` replaces a setting of the file: a list is separated by commas, any other value is JSON.

| name | value | default | meaning |
|---|---|---|---|
${rows.map((row) => `| ${row} |\n`).join('')}`;
}

function valueText({ type, enum: choices, minimum, maximum }: Property): string {
  if (choices) return choices.map((choice) => `\`${JSON.stringify(choice)}\``).join(', ');
  if (type === 'integer') return `${minimum} to ${maximum}`;
  return { array: 'a list', object: 'a map', boolean: '`true`, `false`', string: 'text', number: 'a number' }[type];
}

function defaultText({ default: value }: Property): string {
  const text = value === undefined ? '' : JSON.stringify(value);
  return text === '' || text === '[]' || text === '{}' ? 'none' : `\`${text}\``;
}

/** Escapes bars, which would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
