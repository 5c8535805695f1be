import { formatInteger, utc } from '../../lambda/common/format-units.ts';
import { enumerated, groupName, printable } from '../../lambda/common/text.ts';
import { type Item, readCounter } from '../../lambda/count/counter-item.ts';
import { counterKey } from '../../lambda/counters/counter-key.ts';
import { maxReasonBytes, type Silence } from '../../lambda/counters/silence.ts';
import { fields } from '../../lambda/flow-log/fields.ts';
import { canonicalAddress } from '../../lambda/networks/ip-address.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { type LiveTable, withCounterTable, currentTime } from '../counter-table/counter-table.ts';
import { parseTime, parseSilenceEnd } from '../counter-table/parse-time.ts';
import { compiledRules } from '../rules/load-rules.ts';
import { InputError } from '../terminal/input-error.ts';
import type { AlertOptions } from './alerts.ts';
import { keyOfItem, liveAlerts } from './live-alerts.ts';

export interface SilenceAlertOptions extends AlertOptions {
  readonly reason: string;
  readonly until: string;
}

/** A rule's alerts of one key. */
interface Target {
  readonly pk: string;
  readonly rule: string;
  readonly key: Readonly<Record<string, string>>;
  readonly isLive: boolean;
}

/**
 * Silences a live alert: no further one of its rule for its key until the silence ends, from now on.
 *
 * @param name an alert's id or its first characters, or a rule
 * @param pairs of a rule, the key as field=value
 * @throws InputError on wrong usage; Error when no such alert is live
 */
export async function silenceAlert(
  name: string,
  pairs: readonly string[],
  options: SilenceAlertOptions,
): Promise<void> {
  const reason = printable(options.reason);
  if (reason === '' || Buffer.byteLength(reason) > maxReasonBytes) {
    throw new InputError(`--reason takes a sentence of up to ${maxReasonBytes} bytes`);
  }
  if (options.local === undefined) parseSilenceEnd(options.until, given(options) ?? Math.floor(Date.now() / 1000));
  await onTarget(name, pairs, options, async (target, live, now) => {
    if (!target.isLive) throw notLive(name, pairs);
    const { pk, rule, key } = target;
    const silence = { rule, reason, since: now, until: parseSilenceEnd(options.until, now) };
    const said = await live.silence(pk, silence);
    if (!said) throw notLive(name, pairs);
    const before = said.before && said.before.until > now ? said.before : undefined;
    const others = before
      ? [`It takes the place of a silence to ${utc(before.until)} UTC: ${printable(before.reason)}`]
      : [];
    return options.json
      ? { rule, key, silence: spanOf(silence), before: before ? spanOf(before) : null }
      : [
          `Silenced ${printable(rule)} for ${groupName(key)} to ${utc(silence.until)} UTC: ${reason}`,
          ...others,
          'From now on no further alert of it is sent, however far it goes; flows are counted as ever, and other rules alert.',
          'To take it back: flow-sentinel alerts unsilence. What is to be silent for good is for flow-sentinel rules silence.',
        ];
  });
}

/** Takes a silence back. @throws as silenceAlert */
export async function unsilenceAlert(name: string, pairs: readonly string[], options: AlertOptions): Promise<void> {
  await onTarget(name, pairs, options, async ({ pk, rule, key }, live) => {
    const silence = await live.unsilence(pk, rule);
    if (!silence) throw new Error(`${rule} is not silenced for ${groupName(key)}`);
    return options.json
      ? { rule, key, silence: null, before: spanOf(silence) }
      : [
          `${printable(rule)} alerts again for ${groupName(key)}, as soon as a flow comes and it is due.`,
          `It was silenced to ${utc(silence.until)} UTC: ${printable(silence.reason)}`,
        ];
  });
}

const given = ({ at }: AlertOptions) => (at === undefined ? undefined : parseTime(at));

const spanOf = ({ reason, since, until }: Silence) => ({ reason, since, until });

function notLive(name: string, pairs: readonly string[]): Error {
  return new Error(
    `no alert ${[name, ...pairs].join(' ')} is live, so there is nothing to silence; what is to be silent before it alerts, or for good, is for flow-sentinel rules silence (docs/operate/live-counters.md)`,
  );
}

/** Finds what a command is about, works on it, and prints what came of it. */
async function onTarget(
  name: string,
  pairs: readonly string[],
  options: AlertOptions,
  work: (target: Target, live: LiveTable, now: number) => Promise<object | string[]>,
): Promise<void> {
  const at = given(options);
  const rules = loadRules(compiledRules(options));
  const isId = pairs.length === 0;
  if (isId && !/^[0-9a-f]{8,32}$/.test(name)) {
    throw new InputError(
      `expected an alert's id, or at least its first eight characters, or a rule and its key as field=value, got ${JSON.stringify(name)}`,
    );
  }
  const key = isId ? new Map<string, string>() : keyOf(name, pairs, rules);
  await withCounterTable(
    options,
    async (live) => {
      const now = at ?? (await currentTime(live));
      const target = isId ? await byId(name, rules, live, now) : await byKey(name, key, rules, live, now);
      if (!target) throw notLive(name, pairs);
      const said = await work(target, live, now);
      process.stdout.write(Array.isArray(said) ? `${said.join('\n')}\n` : `${JSON.stringify(said, null, 2)}\n`);
    },
    { writes: true },
  );
}

/** The values of a rule's key, spelled as counters have them. */
function keyOf(name: string, pairs: readonly string[], { rules }: LoadedRules): Map<string, string> {
  const key = new Map<string, string>();
  for (const pair of pairs) {
    const [, field, text] = /^([^=]+)=([\s\S]+)$/.exec(pair) ?? [];
    if (field === undefined || text === undefined) throw new InputError(`${JSON.stringify(pair)} is no field=value`);
    const address = canonicalAddress(text);
    if (fields.get(field)?.kind === 'address' && address === undefined && text !== '*') {
      throw new InputError(`${field} takes an address such as 10.0.1.5, got ${JSON.stringify(text)}`);
    }
    if (key.has(field)) throw new InputError(`${field} is given twice; a silence is for one key`);
    key.set(field, address ?? text);
  }
  const groupBy = rules.get(name)?.groupBy;
  if (groupBy && (groupBy.length !== key.size || !groupBy.every((field) => key.has(field)))) {
    throw new InputError(`${name} has one key of ${enumerated(groupBy)}, got ${enumerated([...key.keys()])}`);
  }
  return key;
}

async function byKey(
  rule: string,
  key: ReadonlyMap<string, string>,
  rules: LoadedRules,
  live: LiveTable,
  now: number,
): Promise<Target | undefined> {
  const names = [...key.keys()].sort();
  const { pk } = counterKey(
    names,
    names.map((field) => key.get(field)!),
  );
  const item = await live.read(pk);
  return item && targetOf(item, pk, rule, rules, now);
}

async function byId(id: string, rules: LoadedRules, live: LiveTable, now: number): Promise<Target | undefined> {
  const targets = new Map<string, Target>();
  await live.scan({}, (item) => {
    for (const claim of readCounter(item).alertRecords) {
      if (!claim.id.startsWith(id) || !item.pk || !('S' in item.pk)) continue;
      targets.set(`${claim.rule} ${item.pk.S}`, targetOf(item, item.pk.S, claim.rule, rules, now));
    }
  });
  if (targets.size > 1) {
    throw new InputError(`the ids of ${formatInteger(targets.size)} alerts begin with ${id}; give more of it`);
  }
  return [...targets.values()][0];
}

function targetOf(item: Item, pk: string, rule: string, rules: LoadedRules, now: number): Target {
  const counter = readCounter(item);
  const isLive = liveAlerts(item, counter, rules, now).some((alert) => alert.rule === rule);
  return { pk, rule, key: keyOfItem(item), isLive };
}
