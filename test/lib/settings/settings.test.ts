import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../lambda/config.ts';
import { defaultFormat } from '../../../lambda/flow-log/format.ts';
import { readSettingsFile } from '../../../lib/settings/load-settings.ts';
import { readSettings } from '../../../lib/settings/read-settings.ts';
import { type Settings, settingsShape } from '../../../lib/settings/settings.ts';
import { settingsSchemaText } from '../../../lib/settings/settings-schema.ts';
import { settingsPageText } from '../../../tools/docs/settings-page.ts';

const vpcId = 'vpc-0123456789abcdef0';
const fileOf = (stages: unknown) => ({ path: 'flow-sentinel.json', text: JSON.stringify({ stages }, null, 1) });
const nothing = fileOf({ default: {} });

function settingsOf(context: Readonly<Record<string, unknown>>, file = nothing): Settings {
  return readSettings(context, file)[0]!.settings;
}

function mistakes(context: Readonly<Record<string, unknown>>, file = nothing): string[] {
  try {
    readSettings(context, file);
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('readSettings', () => {
  it('reads defaults without e-mail or flow logs when flow-sentinel.json is unchanged', () => {
    expect(readSettings({}, readSettingsFile())).toMatchObject([
      {
        name: 'default',
        settings: {
          alertEmails: [],
          vpcIds: [],
          allVpcs: false,
          logFormats: [defaultFormat],
          lakeFormat: 'parquet',
          lakePartition: 'date',
          lakeColdAfterDays: 90,
          lakeExpireAfterDays: 400,
          retentionDays: 30,
          counting: 'direct',
          countEvery: 5,
          countLanes: 16,
          messagesPerBatch: 20,
        },
      },
    ]);
  });

  it('accepts settings without monitored networks when VPCs are looked up', () => {
    expect(settingsOf({ vpcIds: vpcId, vpcTags: '{"logged": "yes"}' }).monitoredNetworks).toEqual([]);
    expect(settingsOf({ allVpcs: 'true' }).allVpcs).toBe(true);
  });

  it('reads lists and maps when the file has them as JSON', () => {
    const given = {
      alertEmails: ['security@example.com'],
      vpcIds: [vpcId, 'vpc-01234567'],
      monitoredNetworks: ['10.0.0.0/16', 'fd00::/56'],
      logFormats: [defaultFormat, '${version} ${srcaddr} ${dstaddr}'],
      logGroups: [{ name: '/vpc/flow-logs' }],
      vpcTags: { logged: 'yes' },
      retentionDays: 90,
    };
    expect(settingsOf({}, fileOf({ default: given }))).toMatchObject(given);
  });

  it('overrides settings of the file when -c gives them as text', () => {
    const file = fileOf({ default: { vpcIds: ['vpc-01234567'], retentionDays: 40 } });
    const context = {
      alertEmails: 'security@example.com,on-call@example.com',
      vpcIds: `${vpcId}, vpc-89abcdef`,
      subnetIds: '',
      senderAccountIds: '123456789012',
      monitoredNetworks: '10.0.0.0/16,10.1.0.0/16',
      logFormats: '${srcaddr} ${dstaddr}\nversion,dstaddr,pkt-srcaddr',
      vpcTags: '{"logged": "yes"}',
      retentionDays: '90',
      allVpcs: 'false',
    };
    expect(settingsOf(context, file)).toMatchObject({
      alertEmails: ['security@example.com', 'on-call@example.com'],
      vpcIds: [vpcId, 'vpc-89abcdef'],
      subnetIds: [],
      senderAccountIds: ['123456789012'],
      monitoredNetworks: ['10.0.0.0/16', '10.1.0.0/16'],
      logFormats: ['${srcaddr} ${dstaddr}', 'version,dstaddr,pkt-srcaddr'],
      vpcTags: { logged: 'yes' },
      retentionDays: 90,
      allVpcs: false,
    });
  });

  it('reads the keys of tags when tagFields has them', () => {
    const tagFields = { instance: ['Name', 'team'], autoScalingGroup: ['aws:autoscaling:groupName'] };
    expect(settingsOf({ tagFields: JSON.stringify(tagFields) }).tagFields).toEqual(tagFields);
    expect(settingsOf({}).tagFields).toEqual({});
  });

  it.each([
    [
      { instances: ['Name'] },
      'tagFields: instances is not supported, expected instance, interface or autoScalingGroup',
    ],
    [{ instance: ['a', 'b', 'c'] }, 'tagFields.instance: expected at most two tag keys, got ["a","b","c"]'],
    [{ instance: ['a', 'a'] }, 'tagFields.instance: expected different tag keys, got ["a","a"]'],
    [{ interface: [''] }, 'tagFields.interface.0: expected a tag key that is not empty, got ""'],
    [{ interface: ['k'.repeat(129)] }, 'tagFields.interface.0: expected a tag key of at most 128 characters, got "k'],
    [{ interface: 'Name' }, 'tagFields.interface: expected a list, got "Name"'],
    [['Name'], 'tagFields: expected a map, got a list'],
  ])('names the mistake when tagFields is %j', (tagFields, mistake) => {
    expect(mistakes({}, fileOf({ default: { tagFields } }))).toEqual([expect.stringContaining(mistake)]);
  });

  it.each([
    [{ logGroups: [{ name: 'a' }] }, 'logGroups'],
    [{ transitGatewayIds: ['tgw-01234567'], logGroups: [{ name: 'a' }] }, 'transitGatewayIds and logGroups'],
  ])('says that tagFields has no effect when the flow logs are %j', (sources, named) => {
    const tagFields = { instance: ['Name'] };
    expect(mistakes({}, fileOf({ default: { tagFields, ...sources } }))).toEqual([
      expect.stringContaining(`tagFields has no effect: got only ${named}, expected vpcIds`),
    ]);
    const others = [{ vpcTags: { logged: 'yes' } }, { senderAccountIds: ['123456789012'] }];
    for (const other of others)
      expect(settingsOf({}, fileOf({ default: { tagFields, ...sources, ...other } })).tagFields).toEqual(tagFields);
    expect(settingsOf({}, fileOf({ default: { tagFields: { instance: [] }, ...sources } })).logGroups).toHaveLength(1);
  });

  it('reads the settings of context', () => {
    expect(settingsOf({})).toMatchObject({ context: false, contextDays: 14, guardDutyAnswers: 'off' });
    const context = { context: 'true', contextDays: '90', organizationId: 'o-a1b2c3d4e5' };
    expect(settingsOf(context)).toMatchObject({ context: true, contextDays: 90, organizationId: 'o-a1b2c3d4e5' });
  });

  it.each([
    [{ context: true, contextDays: 91 }, 'contextDays: expected a whole number from 1 to 90, got 91'],
    [{ context: true, organizationId: 'r-a1b2' }, 'organizationId: expected the id of an organization, such as o-'],
    [{ organizationId: 'o-a1b2c3d4e5' }, 'organizationId has no effect without context'],
    [{ guardDutyAnswers: 'high' }, 'guardDutyAnswers has no effect without context'],
    [{ context: true, guardDutyAnswers: 'low' }, 'guardDutyAnswers: '],
  ])('names the mistake when the settings of context are %j', (settings, mistake) => {
    expect(mistakes({}, fileOf({ default: settings }))).toEqual([expect.stringContaining(mistake)]);
  });

  it('keeps the settings of the journal when counting is direct, so that one setting switches back', () => {
    expect(settingsOf({ countEvery: '15', countLanes: '128' })).toMatchObject({
      counting: 'direct',
      countEvery: 15,
      countLanes: 128,
    });
  });

  it('removes duplicates when a list names a value twice', () => {
    expect(settingsOf({ vpcIds: `${vpcId},${vpcId}`, monitoredNetworks: '10.0.0.0/16' }).vpcIds).toEqual([vpcId]);
  });

  it('reads every stage, or only the selected one when -c stage is given', () => {
    const file = fileOf({ dev: { retentionDays: 15 }, prod: { retentionDays: 400 } });
    expect(readSettings({}, file).map(({ name, settings }) => [name, settings.retentionDays])).toEqual([
      ['dev', 15],
      ['prod', 400],
    ]);
    expect(readSettings({ stage: 'prod', messagesPerBatch: '3' }, file)).toMatchObject([
      { name: 'prod', settings: { retentionDays: 400, messagesPerBatch: 3 } },
    ]);
    expect(mistakes({ stage: 'test' }, file)).toEqual(['-c stage: unknown stage "test", expected one of dev, prod']);
    expect(mistakes({ retentionDays: '20' }, file)).toEqual([
      '-c sets a setting, but there are several stages: select one with -c stage=dev',
    ]);
  });

  it('names every mistake of every stage with its line when several are invalid', () => {
    const file = fileOf({
      'd v': {},
      prod: { vpcIds: ['vpc-1'], alertEmail: [], retentionDays: 14, messagesPerBatch: 0.5 },
      dev: 3,
    });
    expect(mistakes({}, file)).toEqual([
      'flow-sentinel.json:3: the stage name is invalid: got "d v", expected up to 20 letters and digits, a letter first',
      'flow-sentinel.json:6: stages.prod: vpcIds.0: expected the id of a VPC, such as vpc-0123456789abcdef0, got "vpc-1"',
      'flow-sentinel.json:8: stages.prod: alertEmail is not supported; did you mean alertEmails?',
      'flow-sentinel.json:9: stages.prod: retentionDays: expected a whole number from 15 to 3650, got 14',
      'flow-sentinel.json:10: stages.prod: messagesPerBatch: expected a whole number from 1 to 1000, got 0.5',
      'flow-sentinel.json:12: stages.dev: expected a map of settings',
    ]);
  });

  it.each([
    [{ vpcIds: 'vpc-1' }, '-c vpcIds.0: expected the id of a VPC, such as vpc-0123456789abcdef0, got "vpc-1"'],
    [{ alertEmails: 'me' }, '-c alertEmails.0: expected an e-mail address, got "me"'],
    [{ logFormats: 'version srcadr' }, 'the format has unknown fields: got "srcadr"'],
    [
      { logFormats: 'version srcaddr' },
      'the format counts for no pair: got no dstaddr, expected dstaddr or pkt-dstaddr',
    ],
    [{ monitoredNetworks: '10.0.0.1/8' }, 'has bits set after its prefix, expected 10.0.0.0/8'],
    [
      { monitoredNetworks: '0.0.0.0/0' },
      '0.0.0.0/0 is too wide: accepted flows from the internet would not be counted',
    ],
    [{ monitoredNetworks: '::/0' }, '::/0 is too wide: accepted flows from the internet would not be counted'],
    [{ messagesPerMinute: '4' }, '-c messagesPerMinute: expected a whole number from 5 to 1000, got 4'],
    [{ retentionDays: 'a month' }, '-c retentionDays: expected a whole number from 15 to 3650, got "a month"'],
    [{ bufferIntervalSeconds: '90' }, '-c bufferIntervalSeconds: expected one of 60, 300'],
    [{ counting: 'later' }, '-c counting: expected one of direct, journal, got "later"'],
    [{ countEvery: '0' }, '-c countEvery: expected a whole number from 1 to 15, got 0'],
    [{ countEvery: '16' }, '-c countEvery: expected a whole number from 1 to 15, got 16'],
    [{ countEvery: '1.5' }, '-c countEvery: expected a whole number from 1 to 15, got 1.5'],
    [{ countLanes: '64' }, '-c countLanes: expected one of 16, 128'],
    [{ lakeFormat: 'orc' }, '-c lakeFormat: expected one of parquet, json'],
    [{ lakeColdAfterDays: '400' }, 'lakeColdAfterDays must be less than lakeExpireAfterDays, got 400 and 400'],
    [
      { provisionedWrites: '{"min": 9, "max": 8}' },
      'provisionedWrites.min must be at most provisionedWrites.max, got 9 and 8',
    ],
    [
      { provisionedWrites: '{"min": 1, "max": 8}', warmWrites: '5000' },
      'warmWrites needs an on-demand table, but provisionedWrites is set: remove one of the two',
    ],
    [
      { provisionedWrites: '{"min": 1, "max": 8}', maxWrites: '5000' },
      'maxWrites needs an on-demand table, but provisionedWrites is set: its max is the limit, remove maxWrites',
    ],
    [{ warmWrites: '5001', maxWrites: '5000' }, 'warmWrites must be at most maxWrites, got 5001 and 5000'],
    [{ maxWrites: '0' }, 'expected a whole number of write units a second from 1 to 10000000'],
    [{ monthlyBudgetUsd: '0' }, '-c monthlyBudgetUsd: expected a whole number of US dollars from 1 to 10000000, got 0'],
    [{ warmWrites: '100' }, 'expected a whole number of write units a second from 4000 to 10000000'],
    [{ senderAccountIds: '12' }, '-c senderAccountIds.0: expected an account id of twelve digits, got "12"'],
    [{ allVpcs: true, vpcTags: '{"logged": "yes"}' }, 'allVpcs is true, so vpcTags has no effect'],
    [{ logGroups: '[{"name": "a"}, {"name": "a"}]' }, 'logGroups must name each log group once, got a twice'],
    [{ allVpcs: true, subnetIds: 'subnet-01234567' }, 'monitoredNetworks must name the CIDR blocks'],
    [{ vpcIds: vpcId }, 'monitoredNetworks must name the CIDR blocks of the logged networks'],
    [{ vpcId }, '-c vpcId: unknown setting, got "vpc-0123456789abcdef0", expected one of stage, alertEmails,'],
  ])('rejects the context %j', (context, mistake) => {
    expect(mistakes(context as Record<string, unknown>).join('\n')).toContain(mistake);
  });

  it("ignores CDK's own context keys when the context has them", () => {
    const context = {
      '@aws-cdk/core:x': true,
      '@aws-cdk-containers/ecs-service-extensions:x': true,
      'aws:cdk:y': 1,
      'availability-zones': [],
      'availability-zones:account=111122223333:region=eu-central-1': [],
      'vpc-provider:account=111122223333': {},
      'cc-api-provider:account=111122223333': [],
      'acknowledged-issue-numbers': [1],
      'cli-telemetry': false,
    };
    expect(mistakes(context)).toEqual([]);
  });

  it.each([
    ['vpc-ids', 'vpcIds'],
    ['vpcids', 'vpcIds'],
    ['Stage', 'stage'],
    ['retentionDay', 'retentionDays'],
    ['stage:prod', undefined],
    ['security/group', undefined],
  ])('rejects the context key %s when neither CDK nor a setting has it', (key, closest) => {
    const [problem] = mistakes({ [key]: '1' });
    expect(problem).toContain(`-c ${key}: unknown setting, got "1", expected one of stage, alertEmails,`);
    expect(/did you mean (\w+)\?$/.exec(problem!)?.[1]).toBe(closest);
  });

  it('says once what it got when -c gives a value of a wrong type', () => {
    expect(mistakes({ protect: 'flase' })).toEqual(['-c protect: expected true or false, got "flase"']);
  });

  it('rejects stages when their names differ only in case', () => {
    expect(mistakes({}, fileOf({ prod: {}, Prod: {} }))).toEqual([
      'flow-sentinel.json:4: the stage name is invalid: got Prod beside prod, expected names that differ in more than their case: both stages would have the same Glue database',
    ]);
  });

  it.each([
    ['prod', 3, 'prod beside Prod'],
    ['Prod', 4, 'Prod beside prod'],
  ])('rejects the stage %s when -c stage selects it beside a name that differs only in case', (stage, line, names) => {
    expect(mistakes({ stage }, fileOf({ prod: {}, Prod: {}, dev: {} }))).toEqual([
      `flow-sentinel.json:${line}: the stage name is invalid: got ${names}, expected names that differ in more than their case: both stages would have the same Glue database`,
    ]);
    expect(mistakes({ stage: 'dev' }, fileOf({ prod: {}, Prod: {}, dev: {} }))).toEqual([]);
  });

  it('rejects a settings file when it is not JSON or missing', () => {
    expect(mistakes({}, { path: 'flow-sentinel.json', text: '{\n"stages": {' })[0]).toMatch(/^flow-sentinel\.json:\d/);
    expect(() => readSettingsFile('/nowhere.json')).toThrow(
      '/nowhere.json cannot be read: the file is missing; write one, such as { "stages": { "default": {} } }',
    );
  });

  it.each([15, 3650])('accepts %i retention days when the function accepts them', (days) => {
    const environment = (retention: number) => ({
      COUNTER_TABLE_NAME: 'counters',
      ALERT_TOPIC_ARN: 'arn',
      RULES_FILE: './rules.json',
      COUNTER_RETENTION_DAYS: String(retention),
    });
    expect(settingsOf({ retentionDays: days }).retentionDays).toBe(days);
    expect(() => readConfig(environment(days))).not.toThrow();
    expect(() => readConfig(environment(days === 15 ? 14 : 3651))).toThrow('15 to 3650');
  });

  it('matches docs/reference/settings.md when npm run docs has written the page', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../docs/reference/settings.md'), 'utf8');
    expect(text).toBe(settingsPageText());
    for (const name of Object.keys(settingsShape.shape)) expect(text).toContain(`| \`${name}\` |`);
  });

  it('matches docs/reference/settings.schema.json when npm run docs has written it, and accepts the settings file', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../docs/reference/settings.schema.json'), 'utf8');
    expect(text).toBe(settingsSchemaText());
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(text));
    expect(validate(JSON.parse(readSettingsFile().text))).toBe(true);
    expect(validate({ stages: { default: { vpcIds: 'vpc-1' } } })).toBe(false);
    expect(validate({ stages: { default: { vpcId: [] } } })).toBe(false);
  });
});
