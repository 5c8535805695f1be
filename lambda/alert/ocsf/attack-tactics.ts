/** A tactic of MITRE ATT&CK by its id and name. */
export interface Tactic {
  readonly uid?: string;
  readonly name: string;
}

/** The tactic that a Sigma tag names, such as `lateral-movement`; one that is not known here has its tag for a name. */
export function tacticOf(tag: string): Tactic {
  return tactics.get(tag) ?? { name: tag };
}

/** The tactics of ATT&CK for Enterprise (attack.mitre.org), by the names that Sigma's tags have for them. */
const published: Record<string, Tactic> = {
  reconnaissance: { uid: 'TA0043', name: 'Reconnaissance' },
  'resource-development': { uid: 'TA0042', name: 'Resource Development' },
  'initial-access': { uid: 'TA0001', name: 'Initial Access' },
  execution: { uid: 'TA0002', name: 'Execution' },
  persistence: { uid: 'TA0003', name: 'Persistence' },
  'privilege-escalation': { uid: 'TA0004', name: 'Privilege Escalation' },
  'defense-evasion': { uid: 'TA0005', name: 'Defense Evasion' },
  'credential-access': { uid: 'TA0006', name: 'Credential Access' },
  discovery: { uid: 'TA0007', name: 'Discovery' },
  'lateral-movement': { uid: 'TA0008', name: 'Lateral Movement' },
  collection: { uid: 'TA0009', name: 'Collection' },
  exfiltration: { uid: 'TA0010', name: 'Exfiltration' },
  'command-and-control': { uid: 'TA0011', name: 'Command and Control' },
  impact: { uid: 'TA0040', name: 'Impact' },
};

const tactics = new Map(Object.entries(published));
