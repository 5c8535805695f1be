import { button, element } from './element.ts';

/** Makes a text with a button that copies it. If the browser forbids that, the text is selected for the keyboard. */
export function copyableText(label: string, text: string): HTMLElement {
  const code = element('code', {}, text);
  const copy = button(
    'Copy',
    async () => {
      const isCopied = await writeClipboard(text);
      if (!isCopied) select(code);
      copy.textContent = isCopied ? 'Copied' : 'Selected: copy with Ctrl+C';
      copy.setAttribute('aria-label', `${copy.textContent}: ${label}`);
      status.textContent = copy.textContent;
    },
    { class: 'copy', 'aria-label': `Copy: ${label}` },
  );
  const status = element('span', { class: 'hidden', role: 'status' });
  return element('div', { class: 'copied' }, element('span', { class: 'label' }, label), copy, status, code);
}

async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function select(code: HTMLElement): void {
  const range = document.createRange();
  range.selectNodeContents(code);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}
