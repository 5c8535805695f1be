import type { Around } from '../context/around.ts';
import { entitiesOfScene } from '../context/entity.ts';
import type { Raise } from '../context/raise-level.ts';
import { lookBackSeconds, relate } from '../context/relate.ts';
import type { Scene } from '../context/scene.ts';
import { type SentAlert, toldBy } from '../context/sent-alert.ts';
import { resolutionMultiple } from '../counters/alert-record.ts';
import type { Finding } from '../evaluate/finding.ts';
import { severityRank } from '../rules/level.ts';
import { writeAlert } from './alert.ts';
import type { Context } from './alert-body.ts';
import { sceneOf } from './alert-scene.ts';
import type { ContextLookups, ReadContext } from './context-lookups.ts';
import { ruleAndKeyOf } from './plan-rounds.ts';
import type { AlertOutcome } from './send-alerts.ts';

/** What this module uses of the alert ports. */
interface Ports {
  readonly contextLookups?: ContextLookups | undefined;
  readonly deadline: AbortSignal;
}

/** The most findings of a batch with context, and the most entities that are read for them. A storm has few messages. */
const maxFindings = 20;
const maxEntities = 100;

/**
 * Sends the alerts of findings with what happened around their hosts, those of the most severe ones first, and stores the alerts
 * that were sent. All findings of a rule and key get the highest level of these, so that they are sent in their order. Without
 * a table of context events, it reads and stores nothing.
 *
 * @param send publishes the alerts; its failure is that of this function
 */
export async function withContext(
  findings: readonly Finding[],
  context: Context,
  { contextLookups, deadline }: Ports,
  send: (findings: readonly Finding[]) => Promise<AlertOutcome>,
): Promise<AlertOutcome> {
  if (!contextLookups) return send(findings);
  const scenes = scenesOf(findings, context);
  if (scenes.size === 0) return send(findings);
  const entities = [...new Set([...scenes.values()].flatMap(entitiesOfScene))].slice(0, maxEntities);
  const from = Math.min(...[...scenes.values()].map((scene) => scene.from)) - lookBackSeconds;
  const read = await contextLookups.read(entities, from, deadline);
  const around = findings.map((finding): Finding => {
    const scene = scenes.get(finding);
    return scene ? { ...finding, around: aroundOf(scene, read) } : finding;
  });
  const outcome = await send(withSameLevels(around));
  const sent = outcome.published.slice(0, maxFindings).flatMap((finding) => sentAlertOf(finding, context));
  if (sent.length > 0) await contextLookups.remember(sent, deadline);
  return outcome;
}

/** Returns what the most severe findings are about. A resolution notice needs no context. */
function scenesOf(findings: readonly Finding[], { insideNetworks = [], ...origin }: Context): Map<Finding, Scene> {
  const chosen = findings
    .filter(({ record }) => record.multiple !== resolutionMultiple)
    .toSorted((a, b) => severityRank(a.rule.level) - severityRank(b.rule.level))
    .slice(0, maxFindings);
  return new Map(chosen.map((finding) => [finding, sceneOf(finding, insideNetworks, origin)]));
}

function aroundOf(scene: Scene, read: ReadContext | undefined): Around {
  if (!read) return { scene, notes: [] };
  const entries = entitiesOfScene(scene).flatMap((entity) => read.entries.get(entity) ?? []);
  return { scene, asOf: read.asOf, ...relate(scene, entries) };
}

/** Gives the findings of a rule and key the highest level that one of them has. */
function withSameLevels(findings: readonly Finding[]): Finding[] {
  const raises = new Map(
    findings.flatMap((finding): [string, Raise][] => {
      const raise = finding.around?.raise;
      return raise ? [[ruleAndKeyOf(finding), raise]] : [];
    }),
  );
  return findings.map((finding) => {
    const raise = raises.get(ruleAndKeyOf(finding));
    const { around } = finding;
    return raise && around ? { ...finding, around: { ...around, raise } } : finding;
  });
}

function sentAlertOf(finding: Finding, context: Context): SentAlert[] {
  const { rule, around } = finding;
  if (!around) return [];
  const { id, body, attributes } = writeAlert(finding, context);
  const { scene, notes, raise, asOf } = around;
  return [
    {
      ...{ id, rule: rule.name, title: rule.title, scene, body, attributes: [...attributes] },
      time: asOf ?? (finding.record.arrival || scene.to),
      ...(raise && { raise }),
      told: toldBy(notes),
      updates: [],
    },
  ];
}
