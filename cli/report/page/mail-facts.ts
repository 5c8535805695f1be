/** Parts of an alert e-mail, as lambda/alert/mail.ts and digest-mail.ts write it. */
export interface MailFacts {
  readonly headline: string;
  readonly description: readonly string[];
  /** Lines with a label, in their order. */
  readonly rows: readonly { readonly label: string; readonly value: string }[];
  /** Next steps. */
  readonly advice: readonly string[];
  /** Queries and commands, which can be copied. */
  readonly commands: readonly { readonly label: string; readonly text: string }[];
  readonly harmless: string | undefined;
  readonly closing: readonly string[];
}

const labels = [
  'Why',
  'No longer met',
  'Steps',
  'Window',
  'Seen',
  'In all',
  'This batch',
  'Suppressed',
  'From',
  'To',
  'Ports',
  'Protocols',
  'TCP flags',
  'Action',
  'Interfaces',
  'Instances',
  'Networks',
  'Account',
  'Who',
  'Where',
  'Asked for',
  'Names as of',
  'Known as',
  'Technique',
];
const distinctLabel = 'All (?:destinations|sources|(?:source )?ports|(?:values|combinations) of [\\w, -]+)';
const labelled = new RegExp(`^(${[...labels, distinctLabel].join('|')}): (.*)$`);
const command =
  /^- (What the rule looks for|(?:Flows|Values)(?: of the first)? in [\w ]+|If (?:it|the first) is harmless|To list all [\d,]+ while they are live|To silence (?:it|the first) for a day): (.*)$/;

/**
 * Parses the text of an e-mail. Each fact has a separate line, and values contain no line breaks. What happened around a
 * host, and the history of an update, are left out: the JSON body has these with their times.
 */
export function mailFacts(text: string): MailFacts {
  const [headline = '', ...lines] = text.split('\n');
  const description: string[] = [];
  const rows: { label: string; value: string }[] = [];
  const advice: string[] = [];
  const commands: { label: string; text: string }[] = [];
  const closing: string[] = [];
  let harmless: string | undefined;
  let isAdvice = false;
  for (const line of lines) {
    const [, label, value] = labelled.exec(line) ?? [];
    const [, name, copied] = command.exec(line) ?? [];
    if (line === 'What to do') isAdvice = true;
    else if (name !== undefined) commands.push({ label: name, text: copied! });
    else if (isAdvice && line.startsWith('- ')) advice.push(line.slice(2));
    else if (line.startsWith('Harmless when: ')) harmless = line.slice('Harmless when: '.length);
    else if (!isAdvice && label !== undefined) rows.push({ label, value: value! });
    else if (/^(?:Around this host[:,] |New since the alert of |History$)/.test(line)) continue;
    else if (/^(Rule \S+, (?:alert|update) |No further alert |If the traffic begins again, )/.test(line))
      closing.push(line);
    else if (line !== '' && line !== 'Times of the first' && !line.startsWith('- ')) description.push(line);
  }
  return { headline, description, rows, advice, commands, harmless, closing };
}
