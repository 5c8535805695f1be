import { z } from 'zod';
import { parseNetwork } from '../core/address.ts';
import { FlowError } from '../errors.ts';
import type { NetworkLists } from './selection.ts';
import { checkShape, readDocuments, type SourceFile } from './source.ts';

const shape = z.record(
  z.string().regex(/^[A-Za-z]\w*$/, 'a list is named by letters, digits and _'),
  z.array(z.string()),
);

/**
 * Reads the file of named networks: a name to a list of networks in CIDR notation.
 *
 * @throws FlowError `RULE_INVALID` with every problem on a line of its own, as `file:line: text`
 */
export function readNetworkLists(file: SourceFile): NetworkLists {
  const { documents, problems } = readDocuments(file);
  const lists = new Map<string, readonly string[]>();
  for (const document of documents) {
    for (const [name, networks] of Object.entries(checkShape(document, shape, problems) ?? {})) {
      if (lists.has(name)) problems.push(document.problem([name], `${name} stands there twice`));
      lists.set(name, networks);
      for (const [index, text] of networks.entries()) {
        const network = parseNetwork(text);
        if ('problem' in network) problems.push(document.problem([name, index], network.problem));
      }
    }
  }
  if (problems.length > 0) throw new FlowError('RULE_INVALID', problems.join('\n'));
  return lists;
}
