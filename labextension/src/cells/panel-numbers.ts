/** Lights up the outputs of the numbers in the answers that the notebook itself shows, as the chat does with its own. */

import { Conversation } from '../kernel/conversation';
import { lightOutput } from '../review/cells';
import { show } from '../review/review';
import { Listener } from './listener';

const NUMBER = '.codeact-panel .codeact-number';
const EVENTS = ['mouseover', 'mouseout', 'focusin', 'focusout', 'click', 'keydown'];

export class PanelNumbers extends Listener {
  constructor(private _conversation: Conversation) {
    super();
    EVENTS.forEach(type => _conversation.panel.node.addEventListener(type, this));
  }

  dispose(): void {
    EVENTS.forEach(type => this._conversation.panel.node.removeEventListener(type, this));
    super.dispose();
  }

  handleEvent(event: Event): void {
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>(NUMBER) : null;
    const cell = element ? this._cell(element.dataset.proposal) : undefined;
    if (!element || !cell) {
      return;
    }
    const { output = '', row = '', column = '' } = element.dataset;
    if (event.type === 'click' || (event instanceof KeyboardEvent && event.key === 'Enter')) {
      event.preventDefault();
      event.stopPropagation(); // Enter would edit the cell
      void show(this._conversation, cell);
    } else if (event.type !== 'keydown') {
      const number = { number: element.textContent, place: element.title, cell, output, row, column };
      lightOutput(this._conversation.panel, number, element.matches(':hover, :focus'));
    }
  }

  /** Return the id of the cell of a proposal that the conversation has. */
  private _cell(proposal?: string): string | undefined {
    return this._conversation.items.flatMap(item =>
      item.kind === 'step' && item.proposal === proposal ? [item.cell] : []
    )[0];
  }
}
