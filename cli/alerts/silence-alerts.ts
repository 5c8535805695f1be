import { formatInteger, utc } from '../../lambda/common/format-units.ts';
import { enumerated, groupName, printable } from '../../lambda/common/text.ts';
import { type Item, readCounter } from '../../lambda/count/counter-item.ts';
import { counterKey, isAnyAddress } from '../../lambda/counters/counter-key.ts';
import { maxReasonBytes, type Silence } from '../../lambda/counters/silence.ts';
import { kindOf } from '../../lambda/flow-log/region-fields.ts';
import type { KeyScope } from '../../lambda/flow-log/scope.ts';
import { canonicalAddress } from '../../lambda/networks/ip-address.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { currentTime, type LiveTable, withCounterTable } from '../counter-table/counter-table.ts';
import { parseSilenceEnd, parseTime } from '../counter-table/parse-time.ts';
import { keyScopeOf, type ScopeOptions, scopeHint } from '../counter-table/scope-options.ts';
import { compiledRules } from '../rules/load-rules.ts';
import { InputError } from '../terminal/input-error.ts';
import type { AlertOptions } from './alerts.ts';
import { keyOfItem, liveAlerts, scopeOfItem } from './live-alerts.ts';

/** The options that name a rule and key: those of its scope. */
export type NamedAlertOptions = AlertOptions & ScopeOptions;

export interface SilenceAlertOptions extends AlertOptions, ScopeOptions {
  readonly reason: string;
  readonly until: string;
}

/** The alerts of one rule and key. */
interface Target {
  readonly pk: string;
  readonly rule: string;
  readonly key: Readonly<Record<string, string>>;
  readonly scope: KeyScope | undefined;
  readonly isLive: boolean;
}

/**
 * Silences the rule and key of a live alert from now until the silence ends.
 *
 * @param name an alert's id or its first characters, or a rule
 * @param pairs the key of a rule as field=value; empty after an id
 * @throws InputError on invalid usage; Error if no such alert is live
 */
export async function silenceAlert(
  name: string,
  pairs: readonly string[],
  options: SilenceAlertOptions,
): Promise<void> {
  const reason = printable(options.reason);
  const reasonBytes = Buffer.byteLength(reason);
  if (reasonBytes === 0 || reasonBytes > maxReasonBytes) {
    throw new InputError(
      `--reason is invalid: got ${reasonBytes} bytes, expected a sentence of 1 to ${maxReasonBytes}`,
    );
  }
  if (options.local === undefined) parseSilenceEnd(options.until, timeOption(options) ?? Math.floor(Date.now() / 1000));
  await onTarget(name, pairs, options, async (target, live, now, rules) => {
    if (!target.isLive) throw notLive(name, pairs, rules);
    const { pk, rule, key, scope } = target;
    const silence = { rule, reason, since: now, until: parseSilenceEnd(options.until, now) };
    const stored = await live.silence(pk, silence);
    if (!stored) throw notLive(name, pairs, rules);
    const before = stored.before && stored.before.until > now ? stored.before : undefined;
    const replaced = before
      ? [`This replaces a silence until ${utc(before.until)} UTC: ${printable(before.reason)}`]
      : [];
    return options.json
      ? { rule, key, ...(scope && { scope }), silence: spanOf(silence), before: before ? spanOf(before) : null }
      : [
          `Silenced ${printable(rule)} for ${groupName(key, scope)} until ${utc(silence.until)} UTC: ${reason}`,
          ...replaced,
          'Until then this rule creates no further alert for this key, at any value. Flows are still counted, and other rules alert.',
          'To end the silence early, run npx flow-sentinel alerts unsilence. For a permanent silence, use npx flow-sentinel rules silence.',
        ];
  });
}

/** Removes a silence. @throws the errors of silenceAlert */
export async function unsilenceAlert(
  name: string,
  pairs: readonly string[],
  options: NamedAlertOptions,
): Promise<void> {
  await onTarget(name, pairs, options, async ({ pk, rule, key, scope }, live) => {
    const silence = await live.unsilence(pk, rule);
    if (!silence) throw new Error(`${rule} is not silenced for ${groupName(key, scope)}`);
    return options.json
      ? { rule, key, ...(scope && { scope }), silence: null, before: spanOf(silence) }
      : [
          `${printable(rule)} alerts again for ${groupName(key, scope)}, with the next flow if its window exceeds the threshold.`,
          `The removed silence was until ${utc(silence.until)} UTC: ${printable(silence.reason)}`,
        ];
  });
}

const timeOption = ({ at }: AlertOptions) => (at === undefined ? undefined : parseTime(at));

const spanOf = ({ reason, since, until }: Silence) => ({ reason, since, until });

function notLive(name: string, pairs: readonly string[], { rules }: LoadedRules, hint = ''): Error {
  if (pairs.length > 0 && !rules.has(name)) {
    return new Error(`no alert ${[name, ...pairs].join(' ')} is live, and no rule has the name ${name}`);
  }
  return new Error(
    `no alert ${[name, ...pairs].join(' ')} is live, and only a live alert can be silenced; use npx flow-sentinel rules silence for traffic that has not alerted, or for a permanent silence (docs/operate/live-counters.md)${hint}`,
  );
}

/** Finds the target of a command, runs the work on it, and prints the result: lines, or an object as JSON. */
async function onTarget(
  name: string,
  pairs: readonly string[],
  options: NamedAlertOptions,
  work: (target: Target, live: LiveTable, now: number, rules: LoadedRules) => Promise<object | string[]>,
): Promise<void> {
  const at = timeOption(options);
  const rules = loadRules(compiledRules(options));
  const isId = pairs.length === 0;
  if (isId && !/^[0-9a-f]{8,32}$/.test(name)) {
    throw new InputError(
      `the alert is invalid: got ${JSON.stringify(name)}, expected its id or at least the first eight characters, or a rule and its key as field=value`,
    );
  }
  const key = isId ? new Map<string, string>() : keyOf(name, pairs, rules);
  const scope = keyScopeOf(options);
  if (isId && scope) throw new InputError('--account belongs to a rule and its key: an id needs no account and VPC');
  await withCounterTable(
    options,
    async (live) => {
      const now = at ?? (await currentTime(live));
      const target = isId ? await byId(name, rules, live, now) : await byKey(name, key, scope, rules, live, now);
      if (!target) throw notLive(name, pairs, rules, isId ? '' : `; ${scopeHint(scope)}`);
      const result = await work(target, live, now, rules);
      process.stdout.write(Array.isArray(result) ? `${result.join('\n')}\n` : `${JSON.stringify(result, null, 2)}\n`);
    },
    { writes: true },
  );
}

/** Parses the values of a rule's key, in the spelling of counters. */
function keyOf(name: string, pairs: readonly string[], { rules }: LoadedRules): Map<string, string> {
  const key = new Map<string, string>();
  for (const pair of pairs) {
    const [, field, text] = /^([^=]+)=([\s\S]+)$/.exec(pair) ?? [];
    if (field === undefined || text === undefined) {
      throw new InputError(`the key is invalid: got ${JSON.stringify(pair)}, expected field=value`);
    }
    const address = canonicalAddress(text);
    if (kindOf(field) === 'address' && address === undefined && !isAnyAddress(text)) {
      throw new InputError(`${field} is invalid: got ${JSON.stringify(text)}, expected an address such as 10.0.1.5`);
    }
    if (key.has(field)) throw new InputError(`the key is invalid: got ${field} twice, expected it once`);
    key.set(field, address ?? text);
  }
  const groupBy = rules.get(name)?.groupBy;
  if (groupBy && (groupBy.length !== key.size || !groupBy.every((field) => key.has(field)))) {
    throw new InputError(
      `the key of ${name} is invalid: got ${enumerated([...key.keys()])}, expected ${enumerated(groupBy)}`,
    );
  }
  return key;
}

async function byKey(
  rule: string,
  key: ReadonlyMap<string, string>,
  scope: KeyScope | undefined,
  rules: LoadedRules,
  live: LiveTable,
  now: number,
): Promise<Target | undefined> {
  const names = [...key.keys()].sort();
  const { pk } = counterKey(
    names,
    names.map((field) => key.get(field)!),
    scope,
  );
  const item = await live.read(pk);
  return item && targetOf(item, pk, rule, rules, now);
}

async function byId(id: string, rules: LoadedRules, live: LiveTable, now: number): Promise<Target | undefined> {
  const targets = new Map<string, Target>();
  await live.scan({}, (item) => {
    for (const record of readCounter(item).alertRecords) {
      if (!record.id.startsWith(id) || !item.pk || !('S' in item.pk)) continue;
      targets.set(`${record.rule} ${item.pk.S}`, targetOf(item, item.pk.S, record.rule, rules, now));
    }
  });
  if (targets.size > 1) {
    throw new InputError(
      `the id is ambiguous: ${formatInteger(targets.size)} alerts begin with ${id}; give more characters`,
    );
  }
  return [...targets.values()][0];
}

function targetOf(item: Item, pk: string, rule: string, rules: LoadedRules, now: number): Target {
  const counter = readCounter(item);
  const isLive = liveAlerts(item, counter, rules, now).some((alert) => alert.rule === rule);
  return { pk, rule, key: keyOfItem(item), scope: scopeOfItem(item), isLive };
}
