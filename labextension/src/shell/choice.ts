/** A dialog to choose one of several entries: radio buttons, so that a long entry is whole. */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

interface IChoice {
  title: string;
  /** What the choice does. */
  label: string;
  /** A line break in an entry is shown as one. */
  entries: string[];
  okLabel: string;
}

/** Return the index of the chosen entry; `null` if the dialog was cancelled. */
export async function choose({ title, label, entries, okLabel }: IChoice): Promise<number | null> {
  const { button, value } = await showDialog<number>({
    title,
    body: new Entries(label, entries),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: okLabel })],
    focusNodeSelector: 'input:checked'
  });
  return button.accept ? value : null;
}

class Entries extends Widget implements Dialog.IBodyWidget<number> {
  constructor(label: string, entries: string[]) {
    super({ node: document.createElement('fieldset') });
    this.addClass('jp-CodeAct-entries');
    const legend = document.createElement('legend');
    legend.textContent = label;
    this.node.append(legend, ...entries.map(entryNode));
  }

  getValue(): number {
    return Number(this.node.querySelector<HTMLInputElement>('input:checked')?.value);
  }
}

function entryNode(text: string, index: number): HTMLElement {
  const [node, button, words] = ['label', 'input', 'span'].map(tag => document.createElement(tag));
  Object.assign(button, { type: 'radio', name: 'entry', value: String(index), checked: index === 0 });
  words.textContent = text;
  node.append(button, words);
  return node;
}
