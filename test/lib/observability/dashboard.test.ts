import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { joined } from '../joined.ts';
import { knownMetrics, metricKey } from '../known-metrics.ts';
import { idOf, synthesize } from '../synthesis.ts';

type Resource = ReturnType<Template['findResources']>[string];

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly width: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly unknown[])[];
    readonly annotations?: { readonly horizontal?: readonly { readonly label: string; readonly value: number }[] };
  };
}

const template = synthesize();
const [dashboard, ...others] = dashboardsOf(template);
const widgets = widgetsOf(dashboard);

const metrics = widgets.flatMap(({ properties }) => properties.metrics ?? []);

/** `[namespace, name, dimension, value, ..., options]` (CloudWatch User Guide, "Dashboard body structure"). */
const named = metrics.flatMap((parts) => {
  const texts = parts.filter((part) => typeof part === 'string');
  if (texts.length === 0) return [];
  const [namespace = '', name = '', ...pairs] = texts;
  const keys = pairs.filter((_, index) => index % 2 === 0);
  const values = pairs.filter((_, index) => index % 2 === 1);
  return { namespace, name, keys, values };
});

const expressions = metrics.flatMap(([first]) => {
  const expression = (first as { expression?: string }).expression;
  return expression === undefined ? [] : expression;
});

function dashboardsOf(stack: Template): Resource[] {
  return Object.values(stack.findResources('AWS::CloudWatch::Dashboard'));
}

function widgetsOf(shown: Resource | undefined): readonly Widget[] {
  return (JSON.parse(joined(shown?.Properties.DashboardBody)) as { widgets: readonly Widget[] }).widgets;
}

describe('Dashboard', () => {
  it('is one dashboard named by stack and region when regions share names', () => {
    expect(others).toEqual([]);
    expect(joined(dashboard?.Properties.DashboardName)).toBe('FlowSentinel-AWS::Region');
  });

  it('shows each stage from records to cost when it is created', () => {
    expect(widgets.map(({ type, properties }) => properties.title ?? type)).toEqual([
      'FlowSentinel: alarms',
      'Records in',
      'Seconds after the end of a flow',
      'Records by result',
      'Alerts by rule and level',
      'Alerts by outcome',
      'Messages',
      'Pairs and other groups',
      'Counter table',
      'Invocations',
      'Journal: seconds until counted',
      'Journal',
      'Flushes',
      'Cost per hour: tables and functions',
      'Cost per hour: bytes',
      'Cost: size of the lake by storage class',
      'text',
    ]);
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
  });

  it('has a row of context only when there is context, with metrics that exist', () => {
    const ofContext = widgetsOf(dashboardsOf(synthesize({ context: { context: 'true' } }))[0]);
    const titles = (all: readonly Widget[]) => all.map(({ properties }) => properties.title ?? '');
    const added = ofContext.filter(({ properties }) => /^Context/.test(properties.title ?? ''));
    expect(titles(added)).toEqual(['Context events', 'Context events: seconds', 'Context function']);
    expect(ofContext).toHaveLength(widgets.length + added.length);
    const known = knownMetrics('FlowSentinel');
    for (const metric of added.flatMap(({ properties }) => properties.metrics ?? [])) {
      const [namespace = '', name = '', ...pairs] = metric.filter((part) => typeof part === 'string');
      expect(known).toContain(
        metricKey(
          namespace,
          name,
          pairs.filter((_, index) => index % 2 === 0),
        ),
      );
    }
  });

  it('shows the state of every alarm when it is created', () => {
    const shown = widgets.find(({ type }) => type === 'alarm')?.properties.alarms;

    expect(shown?.map((arn) => arn.replace(/\.Arn$/, '')).toSorted()).toEqual(
      Object.keys(template.findResources('AWS::CloudWatch::Alarm')).toSorted(),
    );
  });

  it('shows existing metrics of the stack with their exact dimensions when a graph names a metric', () => {
    const known = knownMetrics('FlowSentinel');

    for (const { namespace, name, keys, values } of named) {
      expect(known).toContain(metricKey(namespace, name, keys));
      if (namespace === 'FlowSentinel') expect(values.toSorted()).toEqual(['FlowSentinel', 'flow-sentinel']);
    }
    expect(named.length).toBeGreaterThan(20);
  });

  it('searches for existing metrics when a graph has a search', () => {
    const known = knownMetrics('FlowSentinel');
    const searches = expressions.flatMap(
      (text) => /^SEARCH\('\{(.+)\} MetricName="(\w+)" (\w+)="(.+)"',/.exec(text) ?? [],
    );

    const found = expressions.filter((text) => text.startsWith('SEARCH'));
    expect(found).toEqual([
      `SEARCH('{FlowSentinel,service,stack,rule,level} MetricName="Alerts" stack="FlowSentinel"', 'Sum', 300)`,
      `SEARCH('{FlowSentinel,service,stack,code} MetricName="BatchesFailed" stack="FlowSentinel"', 'Sum', 300)`,
      `SEARCH('{FlowSentinel,service,stack,code} MetricName="FlushesFailed" stack="FlowSentinel"', 'Sum', 300)`,
      `SEARCH('{AWS/S3,BucketName,StorageType} MetricName="BucketSizeBytes" BucketName="${idOf(template, 'AWS::S3::Bucket')}"', 'Average', 86400)`,
    ]);
    for (let index = 0; index < searches.length; index += 5) {
      const [namespace = '', ...dimensions] = searches[index + 1]!.split(',');
      expect(known).toContain(metricKey(namespace, searches[index + 2]!, dimensions));
    }
  });

  it.each([60, 300])(
    'draws flows-late at the threshold of its alarm when Firehose collects records for %i s',
    (seconds) => {
      const stack = synthesize({ context: { bufferIntervalSeconds: String(seconds) } });
      const alarms = Object.values(stack.findResources('AWS::CloudWatch::Alarm'));
      const late = alarms.find(({ Properties }) => Properties.AlarmName === 'FlowSentinel-flows-late')?.Properties;
      const lines = widgetsOf(dashboardsOf(stack)[0]).flatMap(
        ({ properties }) => properties.annotations?.horizontal ?? [],
      );

      expect(late?.Threshold).toBeGreaterThan(0);
      expect(lines.find(({ label }) => label === 'flows-late')?.value).toBe(late?.Threshold);
    },
  );

  it.each(['1', '15'])('draws counting-late at the threshold of its alarm when countEvery is %s', (countEvery) => {
    const stack = synthesize({ context: { counting: 'journal', countEvery } });
    const alarms = Object.values(stack.findResources('AWS::CloudWatch::Alarm'));
    const late = alarms.find(({ Properties }) => Properties.AlarmName === 'FlowSentinel-counting-late')?.Properties;
    const lines = widgetsOf(dashboardsOf(stack)[0]).flatMap(
      ({ properties }) => properties.annotations?.horizontal ?? [],
    );

    expect(late?.Threshold).toBeGreaterThan(0);
    expect(lines.find(({ label }) => label === 'counting-late')?.value).toBe(late?.Threshold);
  });

  it('names runbook, functions, stream, table and bucket when a reader needs details', () => {
    const text = widgets.find(({ type }) => type === 'text')?.properties.markdown;

    expect(text).toContain('docs/operate/runbook.md');
    for (const [type, start] of [
      ['AWS::Lambda::Function', 'Detector'],
      ['AWS::Lambda::Function', 'FlushFunction'],
      ['AWS::KinesisFirehose::DeliveryStream', ''],
      ['AWS::DynamoDB::Table', 'CounterTable'],
      ['AWS::S3::Bucket', ''],
    ] as const) {
      expect(text).toContain(idOf(template, type, start));
    }
  });
});
