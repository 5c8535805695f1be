import { describe, expect, it } from 'vitest';
import { roomScores, scoreTable } from '../../../tools/mutate/room-score.ts';

const tried = [
  ...Array.from({ length: 7 }, () => ({ room: 'lambda/parse', outcome: 'killed' as const })),
  { room: 'lambda/parse', outcome: 'timed out' as const },
  { room: 'lambda/parse', outcome: 'survived' as const },
  { room: 'lambda/parse', outcome: 'survived' as const },
  { room: 'lambda/count', outcome: 'survived' as const },
];

describe('roomScores', () => {
  it('counts a fault as found when a test fails or the time limit ends the run', () => {
    expect(roomScores(tried, { 'lambda/parse': 0.8, 'lambda/count': 0.1 })).toEqual([
      { room: 'lambda/parse', killed: 7, survived: 2, timedOut: 1, share: 0.8, minShare: 0.8, isEnough: true },
      { room: 'lambda/count', killed: 0, survived: 1, timedOut: 0, share: 0, minShare: 0.1, isEnough: false },
    ]);
  });

  it('prints a room below its share as such', () => {
    expect(scoreTable(roomScores(tried, { 'lambda/parse': 0.8, 'lambda/count': 0.1 }))).toBe(
      [
        'room          killed  survived  timed out  share',
        'lambda/parse       7         2          1   80 %',
        'lambda/count       0         1          0    0 %  below 10 %',
        '',
      ].join('\n'),
    );
  });
});
