import pMap from 'p-map';
import { concurrency } from '../count/counter-store.ts';
import { type AlertRecord, suppresses } from '../counters/alert-record.ts';
import { observedUntil } from '../counters/silence.ts';
import type { Finding } from '../evaluate/finding.ts';
import type { AlertPorts } from './alert-ports.ts';
import { isLogOnly } from './plan-rounds.ts';

/** The result of claiming the findings of one round. */
export interface ClaimedRound {
  /** Findings whose alert record this batch holds, deferred ones included, with the record as stored. */
  readonly claimed: readonly Finding[];
  /** Findings that an operator silenced between counting and claiming. */
  readonly silenced: readonly Finding[];
  /** Findings that lost to an unsent record of another batch, with that record. */
  readonly lost: readonly Finding[];
  /** Whether another batch claimed an alert of another episode: then this batch must be retried. */
  readonly isConflict: boolean;
}

/** The result of claiming one finding; `needsNothing` if the stored record was sent, suppresses the alert, or is gone. */
type Claim =
  | { readonly result: 'claimed' | 'silenced' | 'lost'; readonly finding: Finding }
  | { readonly result: 'needsNothing' | 'conflict' };

/**
 * Claims the alert record of each finding.
 *
 * @param deferred the findings whose alert must wait for a later minute
 */
export async function claimRound(
  findings: readonly Finding[],
  deferred: ReadonlySet<Finding>,
  ports: Pick<AlertPorts, 'counters' | 'deadline'>,
): Promise<ClaimedRound> {
  const claims = await pMap(findings, (finding) => claim(finding, deferred.has(finding), ports), { concurrency });
  const findingsWith = (result: Claim['result']) =>
    claims.flatMap((one) => ('finding' in one && one.result === result ? one.finding : []));
  return {
    claimed: findingsWith('claimed'),
    silenced: findingsWith('silenced'),
    lost: findingsWith('lost'),
    isConflict: claims.some(({ result }) => result === 'conflict'),
  };
}

async function claim(
  finding: Finding,
  deferred: boolean,
  { counters, deadline }: Pick<AlertPorts, 'counters' | 'deadline'>,
): Promise<Claim> {
  const { delta, replaces } = finding;
  const { pk } = delta.key;
  const state = { deferred, logOnly: isLogOnly(finding) };
  const record = { ...finding.record, ...state };
  if (finding.isClaimed && replaces?.deferred === deferred) {
    return { result: 'claimed', finding: { ...finding, record } };
  }
  const observed = observedUntil(record, finding.counter);
  let outcome = await counters.claim(pk, record, replaces, observed, deadline);
  // An earlier attempt of this batch wrote the record, and deferred it or not: that is decided again.
  if ('claimed' in outcome && outcome.claimed.deferred !== deferred) {
    outcome = await counters.claim(pk, { ...outcome.claimed, ...state }, outcome.claimed, observed, deadline);
  }
  if ('claimed' in outcome) return { result: 'claimed', finding: { ...finding, record: outcome.claimed } };
  if ('silencedBy' in outcome) return { result: 'silenced', finding };
  const { lostTo } = outcome;
  if (!needsNoRetry(finding, lostTo)) return { result: 'conflict' };
  return lostTo && !lostTo.sent
    ? { result: 'lost', finding: { ...finding, record: lostTo } }
    : { result: 'needsNothing' };
}

/**
 * Returns whether a lost claim needs no retry: the same alert was claimed elsewhere, or the winning record suppresses
 * the finding.
 */
function needsNoRetry({ rule, record }: Finding, lostTo: AlertRecord | undefined): boolean {
  if (!lostTo || lostTo.id === record.id) return true;
  return suppresses(lostTo, rule, { multiple: record.multiple, window: record });
}
