import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

const ajv = new Ajv2020({ strict: true, allErrors: true });

/** Returns the check of a body by a schema in docs/alerts. */
function expectBody(name: string): (body: unknown) => void {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/alerts', name), 'utf8')) as object;
  const validate = ajv.compile(schema);
  return (body) => {
    validate(body);
    expect(validate.errors ?? []).toEqual([]);
  };
}

/** Fails unless the body is one that docs/alerts/alert.schema.json describes. */
export const expectAlertBody = expectBody('alert.schema.json');

/** Fails unless the body is one that docs/alerts/answer.schema.json describes. */
export const expectAnswerBody = expectBody('answer.schema.json');
