import type { Rule } from '../../lambda/rules/model.ts';
import type { CorrelationDocument, DetectionDocument } from '../parse/schema.ts';
import type { Problem } from './problem.ts';

/** The fields of a rule that its document states directly. */
export type RuleMetadata = Pick<
  Rule,
  'name' | 'title' | 'description' | 'status' | 'level' | 'techniques' | 'tactics' | 'references' | 'falsepositives'
>;

/** Returns the fields that a document states directly. */
export function metadataOf(name: string, document: DetectionDocument | CorrelationDocument): RuleMetadata {
  const tags = (pattern: RegExp) => (document.tags ?? []).flatMap((tag) => pattern.exec(tag)?.[1] ?? []);
  return {
    name,
    title: document.title,
    description: document.description?.trim() ?? '',
    status: document.status === 'experimental' || document.status === 'stable' ? document.status : 'test',
    level: document.level ?? 'medium',
    techniques: tags(/^attack\.(t\d{4}(?:\.\d{3})?)$/).map((technique) => technique.toUpperCase()),
    tactics: tags(/^attack\.([a-z-]+)$/),
    references: document.references ?? [],
    falsepositives: [document.falsepositives ?? []].flat(),
  };
}

/** Checks a rule's name and status. */
export function metadataProblems(name: string, { status }: DetectionDocument | CorrelationDocument): Problem[] {
  const problems: Problem[] = [];
  if (!/^[\w.-]{1,64}$/.test(name)) {
    const text = `the rule name ${JSON.stringify(name)} is invalid: expected up to 64 letters, digits and _ . -; rename the file`;
    problems.push({ path: [], text });
  }
  if (status === 'deprecated' || status === 'unsupported') {
    const text = `a rule with the status ${status} does not run; remove the rule, or set its status to test`;
    problems.push({ path: ['status'], text });
  }
  return problems;
}
