import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../docs/alerts/alert.schema.json'), 'utf8'),
) as object;
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);

/** Fails unless the body is one that docs/alerts/alert.schema.json describes. */
export function expectAlertBody(body: unknown): void {
  validate(body);
  expect(validate.errors ?? []).toEqual([]);
}
