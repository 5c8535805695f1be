import { describe, expect, it } from 'vitest';
import { findStage, settingsOfStage } from '../../../cli/deployment/stage-settings.ts';

const fileOf = (stages: object) => ({ path: 'flow-sentinel.json', text: JSON.stringify({ stages }) });

describe('findStage', () => {
  it('returns undefined when the file has several stages, none is named and none is the default', () => {
    expect(findStage(undefined, fileOf({ dev: {}, prod: {} }))).toBeUndefined();
    expect(findStage('prod', fileOf({ dev: {}, prod: {} }))?.name).toBe('prod');
    expect(findStage(undefined, fileOf({ prod: {} }))?.name).toBe('prod');
  });
});

describe('settingsOfStage', () => {
  it('returns the settings of the named stage, of the only stage, or of the stage default', () => {
    const two = fileOf({ default: { lakeFormat: 'json' }, big: { retentionDays: 90 } });
    expect(settingsOfStage('big', two).retentionDays).toBe(90);
    expect(settingsOfStage(undefined, two).lakeFormat).toBe('json');
    expect(settingsOfStage(undefined, fileOf({ prod: { retentionDays: 60 } })).retentionDays).toBe(60);
  });

  it('throws when the name matches no stage, or several stages have no default', () => {
    const stages = fileOf({ dev: {}, prod: {} });
    expect(() => settingsOfStage(undefined, stages)).toThrow(
      '--stage is missing: expected a stage of flow-sentinel.json: dev, prod',
    );
    expect(() => settingsOfStage('test', stages)).toThrow(
      '--stage is invalid: got "test", expected a stage of flow-sentinel.json: dev, prod',
    );
  });
});
