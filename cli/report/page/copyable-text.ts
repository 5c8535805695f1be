import { button, element } from './element.ts';

/** Text that one copies with a button. Where the browser does not let us, it is marked, for the keys that copy. */
export function copyableText(label: string, text: string): HTMLElement {
  const code = element('code', {}, text);
  const copy = button(
    'Copy',
    async () => {
      const isDone = await put(text);
      if (!isDone) mark(code);
      copy.textContent = isDone ? 'Copied' : 'Marked: copy it with Ctrl+C';
      copy.setAttribute('aria-label', `${copy.textContent}: ${label}`);
      said.textContent = copy.textContent;
    },
    { class: 'copy', 'aria-label': `Copy: ${label}` },
  );
  const said = element('span', { class: 'hidden', role: 'status' });
  return element('div', { class: 'copied' }, element('span', { class: 'label' }, label), copy, said, code);
}

async function put(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function mark(code: HTMLElement): void {
  const range = document.createRange();
  range.selectNodeContents(code);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}
