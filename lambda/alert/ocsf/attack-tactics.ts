/** A tactic of MITRE ATT&CK. */
export interface Tactic {
  readonly uid?: string;
  readonly name: string;
}

/** Returns the tactic of a Sigma tag such as `lateral-movement`; an unknown tag becomes the name of a tactic without id. */
export function tacticOf(tag: string): Tactic {
  return tactics.get(tag) ?? { name: tag };
}

/**
 * The tactics of ATT&CK for Enterprise 19 (attack.mitre.org) by their Sigma tags. Rules written before have the tag
 * `defense-evasion`, which version 19 has divided: TA0005 became Stealth, and Defense Impairment is new.
 */
const published: Record<string, Tactic> = {
  reconnaissance: { uid: 'TA0043', name: 'Reconnaissance' },
  'resource-development': { uid: 'TA0042', name: 'Resource Development' },
  'initial-access': { uid: 'TA0001', name: 'Initial Access' },
  execution: { uid: 'TA0002', name: 'Execution' },
  persistence: { uid: 'TA0003', name: 'Persistence' },
  'privilege-escalation': { uid: 'TA0004', name: 'Privilege Escalation' },
  stealth: { uid: 'TA0005', name: 'Stealth' },
  'defense-evasion': { uid: 'TA0005', name: 'Defense Evasion' },
  'defense-impairment': { uid: 'TA0112', name: 'Defense Impairment' },
  'credential-access': { uid: 'TA0006', name: 'Credential Access' },
  discovery: { uid: 'TA0007', name: 'Discovery' },
  'lateral-movement': { uid: 'TA0008', name: 'Lateral Movement' },
  collection: { uid: 'TA0009', name: 'Collection' },
  exfiltration: { uid: 'TA0010', name: 'Exfiltration' },
  'command-and-control': { uid: 'TA0011', name: 'Command and Control' },
  impact: { uid: 'TA0040', name: 'Impact' },
};

const tactics = new Map(Object.entries(published));
