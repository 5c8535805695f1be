import { describe, expect, it } from 'vitest';
import { dueUpdate, takeOverSeconds } from '../../../lambda/context/due-update.ts';
import type { Note } from '../../../lambda/context/relate.ts';
import type { SentAlert } from '../../../lambda/context/sent-alert.ts';
import { sceneWith } from '../../support/around-events.ts';
import { epoch } from '../../support/flows.ts';

const note = (changes: Partial<Note> = {}): Note => ({
  ...{ kind: 'finding', id: 'a', text: 'a finding', time: epoch, level: 'high', isNews: true },
  ...changes,
});
const alert = (changes: Partial<SentAlert> = {}): SentAlert => ({
  ...{
    id: 'm',
    rule: 'r',
    title: 'R',
    scene: sceneWith(),
    time: epoch,
    body: '{}',
    attributes: [],
    told: [],
    updates: [],
  },
  ...changes,
});
const later = epoch + 3600;
const kindOf = (one: SentAlert, notes: readonly Note[], now = later) => dueUpdate(one, { notes }, now).kind;

describe('dueUpdate', () => {
  it('promises one update with all that is news', () => {
    const decision = dueUpdate(
      alert(),
      { notes: [note(), note({ id: 'b' }), note({ id: 'c', isNews: false })] },
      later,
    );
    expect(decision).toMatchObject({ kind: 'send', update: { time: later, isSent: false } });
    if (decision.kind !== 'send') return;
    expect(decision.update.notes.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(decision.alert.told).toEqual([
      { id: 'a', level: 'high' },
      { id: 'b', level: 'high' },
    ]);
  });

  it.each([
    ['nothing is news', alert(), [note({ isNews: false })]],
    ['the alert has told it', alert({ told: [{ id: 'a', level: 'high' }] }), [note()]],
    ['the alert told it with a higher level', alert({ told: [{ id: 'a', level: 'critical' }] }), [note()]],
    [
      'three updates were sent',
      alert({
        updates: [1, 2, 3].map(
          (n) => ({ id: `${n}`, time: epoch, notes: [], before: 'high', level: 'high', isSent: true }) as const,
        ),
      }),
      [note()],
    ],
  ])('does nothing when %s', (_, one, notes) => {
    expect(kindOf(one, notes)).toBe('nothing');
  });

  it('tells a finding again when its level rises', () => {
    expect(kindOf(alert({ told: [{ id: 'a', level: 'medium' }] }), [note()])).toBe('send');
  });

  it('waits until a quarter of an hour after the last message', () => {
    expect(dueUpdate(alert(), { notes: [note()] }, epoch + 100)).toEqual({ kind: 'later', seconds: 800 });
    const updates = [{ id: '1', time: later, notes: [], before: 'high', level: 'high', isSent: true } as const];
    expect(dueUpdate(alert({ updates }), { notes: [note()] }, later + 899)).toEqual({ kind: 'later', seconds: 1 });
    expect(kindOf(alert({ updates }), [note()], later + 900)).toBe('send');
  });

  it('leaves a fresh promise to its process, and keeps an old one with the same id', () => {
    const pending = { id: 'p', time: later, notes: [note()], before: 'high', level: 'high', isSent: false } as const;
    const promised = alert({ told: [{ id: 'a', level: 'high' }], updates: [pending] });
    expect(dueUpdate(promised, { notes: [note()] }, later + 10)).toEqual({
      kind: 'later',
      seconds: takeOverSeconds - 10,
    });
    expect(dueUpdate(promised, { notes: [note()] }, later + takeOverSeconds)).toMatchObject({
      kind: 'send',
      update: { id: 'p', notes: [{ id: 'a' }] },
    });
  });

  it('keeps the first raise of the level', () => {
    const raise = { from: 'high', to: 'critical', reason: 'first', evidence: 'x' } as const;
    const decision = dueUpdate(alert({ raise }), { notes: [note()], raise: { ...raise, reason: 'second' } }, later);
    expect(decision).toMatchObject({ alert: { raise: { reason: 'first' } } });
  });
});
