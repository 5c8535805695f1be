import { describe, expect, it } from 'vitest';
import {
  attemptsAtCompletion,
  attemptsOf,
  completedUpdate,
  grantUpdate,
  isMarkerOf,
  markerKey,
  startedUpdate,
  tokenOfMarker,
} from '../../../lambda/count/batch-marker.ts';
import type { UpdateParameters } from '../../../lambda/count/counter-update.ts';
import { epoch } from '../../support/flows.ts';

const batch = { dedupToken: 'AAAAAAA1', arrival: epoch, check: 'xyz' };
const table = { tableName: 'counters', retentionSeconds: 90 * 86_400 };

/** Returns the expressions of an update with names and values in place of their placeholders. */
function plain({ UpdateExpression, ConditionExpression, ...update }: UpdateParameters) {
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = update;
  const replaced = (text = '') =>
    text
      .replace(/#\w+/g, (placeholder) => names[placeholder]!)
      .replace(/:\w+/g, (placeholder) => Object.values(values[placeholder]!)[0] as string);
  return { update: replaced(UpdateExpression), condition: replaced(ConditionExpression) };
}

const grant = { granted: 7, networks: 'hash' };

describe('the marker of a batch', () => {
  it.each([
    ['the start of an attempt', startedUpdate(batch, 'direct', table)],
    ['a grant of refused pairs', grantUpdate(batch, grant, table)],
  ])('is stored as long as the counters of the batch after %s', (_, update) => {
    expect(plain(update).update).toContain(`${epoch + 90 * 86_400}`);
    expect(update).toMatchObject({ TableName: 'counters', Key: markerKey('AAAAAAA1'), ReturnValues: 'ALL_NEW' });
  });

  it('counts attempts, and refuses another batch with the same token', () => {
    expect(plain(startedUpdate(batch, 'direct', table))).toEqual({
      update: `SET expiresAt = ${epoch + 90 * 86_400}, check = xyz, lanes = if_not_exists(lanes, 0) ADD attempts 1`,
      condition: '(attribute_not_exists(check) OR check = xyz)',
    });
  });

  it('stores the lanes and the first attempt when a batch is put into a journal', () => {
    const wanted = { lanes: 16, firstAttempt: epoch };
    expect(plain(startedUpdate(batch, wanted, table))).toEqual({
      update:
        `SET expiresAt = ${epoch + 90 * 86_400}, check = xyz, lanes = if_not_exists(lanes, 16), ` +
        `firstAttempt = if_not_exists(firstAttempt, ${epoch}) ADD attempts 1`,
      condition:
        '(attribute_not_exists(check) OR check = xyz) AND ' +
        '(attribute_not_exists(attempts) OR attribute_exists(lanes))',
    });
  });

  it('retains the first grant, and the first time of expiry', () => {
    expect(plain(grantUpdate(batch, grant, table))).toEqual({
      update:
        'SET granted = if_not_exists(granted, 7), networks = if_not_exists(networks, hash), ' +
        `expiresAt = if_not_exists(expiresAt, ${epoch + 90 * 86_400}), check = xyz`,
      condition: '(attribute_not_exists(check) OR check = xyz)',
    });
  });

  it.each([
    [true, 0],
    [false, 1],
  ])('is completed once, with a further attempt unless all requests succeeded at once: %j', (isSure, more) => {
    expect(plain(completedUpdate(batch, isSure, 'counters'))).toEqual({
      update: `SET completed = attempts + ${more}`,
      condition: 'attribute_exists(attempts) AND attribute_not_exists(completed)',
    });
  });

  it('belongs to the batch with its token and its check', () => {
    expect(tokenOfMarker(markerKey('AAAAAAA1'))).toBe('AAAAAAA1');
    expect(tokenOfMarker({})).toBe('');
    expect(isMarkerOf({ check: { S: 'xyz' } }, batch)).toBe(true);
    expect(isMarkerOf({ check: { S: 'abc' } }, batch)).toBe(false);
    expect(isMarkerOf({}, batch)).toBe(false);
    expect(isMarkerOf({ check: { S: '-' } }, { dedupToken: 'AAAAAAA1', arrival: epoch })).toBe(true);
  });

  it('has the numbers of attempts, undefined until they are stored', () => {
    expect(attemptsOf({ attempts: { N: '3' } })).toBe(3);
    expect(attemptsOf({})).toBeUndefined();
    expect(attemptsAtCompletion({ completed: { N: '2' } })).toBe(2);
    expect(attemptsAtCompletion({})).toBeUndefined();
    expect(attemptsAtCompletion(undefined)).toBeUndefined();
  });
});
