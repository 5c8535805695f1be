import { type StackGraph, type SynthesizedStack, stackGraph } from './stack-graph.ts';

const opening = `<!-- Written by \`npm run docs\` from the template that \`cdk synth\` makes: change lib/, and run it again. -->

# The stack

The resources that \`npx cdk deploy\` creates with typical settings, in one box for each construct of [lib/](../../lib). An arrow
says what one resource does with the other. Roles and policies are left out.
`;

/** Writes the page docs/reference/stack.md: the resources of a stack, and what they send to each other. */
export function stackPageText(stack: SynthesizedStack): string {
  return `${opening}\n\`\`\`mermaid\n${flowchart(stackGraph(stack))}\`\`\`\n`;
}

/** Writes a graph as a flowchart of Mermaid (Mermaid documentation, "Flowcharts - Basic Syntax"). */
export function flowchart({ nodes, arrows }: StackGraph): string {
  const names = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const boxes = [...Map.groupBy(nodes, ({ group }) => group)].flatMap(([group, members], index) => {
    const lines = members.map(({ id, name, service, count }) => {
      const times = count > 1 ? ` × ${count}` : '';
      return `${names.get(id)}["${escaped(name)}${times}<br/>${escaped(service)}"]`;
    });
    return group === ''
      ? lines
      : [`subgraph g${index}["${escaped(group)}"]`, ...lines.map((line) => `  ${line}`), 'end'];
  });
  const lines = arrows.map(({ from, to, label }) => {
    const text = label === '' ? '' : `|"${escaped(label)}"|`;
    return `${names.get(from)} -->${text} ${names.get(to)}`;
  });
  return ['flowchart LR', ...[...boxes, ...lines].map((line) => `  ${line}`), ''].join('\n');
}

/** Writes each character that could be markup by its number, so that Mermaid shows it as text. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,-]/gu, (character) => `#${character.codePointAt(0)};`);
}
