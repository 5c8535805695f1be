import { z } from 'zod';
import { settingsShape } from '../../lib/settings/settings.ts';

interface Property {
  readonly type: 'string' | 'integer' | 'boolean' | 'array' | 'object';
  readonly description: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Writes the page of all settings, docs/reference/settings.md, from the schema that reads them. */
export function settingsPageText(): string {
  const { properties } = z.toJSONSchema(settingsShape, { io: 'input' }) as {
    readonly properties: Readonly<Record<string, Property>>;
  };
  const rows = Object.entries(properties).map(([name, property]) =>
    [`\`${name}\``, takes(property), fallback(property), property.description].map(cell).join(' | '),
  );
  return `# Settings

\`flow-sentinel.json\` has the settings of each stage. Every one may be left out. Editors complete them by [the schema](settings.schema.json); \`npx cdk synth\` names every
mistake with its line. \`-c name=value\` says one in place of the file: a list with commas, anything else as JSON.

| name | takes | default | |
|---|---|---|---|
${rows.map((row) => `| ${row} |\n`).join('')}`;
}

function takes({ type, enum: choices, minimum, maximum }: Property): string {
  if (choices) return choices.map((choice) => `\`"${choice}"\``).join(', ');
  if (type === 'integer') return `${minimum} to ${maximum}`;
  return { array: 'a list', object: 'a map', boolean: '`true`, `false`', string: 'text' }[type];
}

function fallback({ default: value }: Property): string {
  const text = value === undefined ? '' : JSON.stringify(value);
  return text === '' || text === '[]' || text === '{}' ? 'none' : `\`${text}\``;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
