/**
 * The keys and the toolbar button by which the user approves a waiting step. They are DOM listeners, since commands
 * cannot tell a user's key from a script's, and they come before Lab's own, which would run the cell unapproved.
 */

import { NotebookActions } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';

import { approve, openReject, reveal } from '../review';
import { Reviewing } from './reviewing';

/** Lab's button that runs the selected cells. */
const RUN_BUTTON = '[data-command="notebook:run-cell-and-select-next"], [data-command="notebook:run-cell"]';
/** Where keys go into a text other than a cell's. */
const OTHER_TEXT = 'input, textarea, select, [contenteditable="true"]';

type Then = 'stay' | 'next' | 'insert';

export class Gestures implements IDisposable {
  constructor(private _reviewing: Reviewing) {
    window.addEventListener('keydown', this._onKey, true);
    this._toolbar.addEventListener('mousedown', this._onMouse, true);
    this._toolbar.addEventListener('click', this._onMouse, true);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    window.removeEventListener('keydown', this._onKey, true);
    this._toolbar.removeEventListener('mousedown', this._onMouse, true);
    this._toolbar.removeEventListener('click', this._onMouse, true);
  }

  private _onKey = (event: KeyboardEvent): void => {
    const { conversation } = this._reviewing;
    const { target } = event;
    if (!event.isTrusted || !conversation.pending || !(target instanceof Element) || event.isComposing) {
      return;
    }
    const { panel } = conversation;
    if (panel.toolbar.node.contains(target)) {
      const isPressed = event.key === 'Enter' || event.key === ' ';
      if (isPressed && target.closest(RUN_BUTTON) && this._isChosen()) {
        this._run(event, 'next');
      }
    } else if (panel.node.contains(target) && event.altKey && event.shiftKey && !event.ctrlKey && !event.metaKey) {
      this._onChord(event);
    } else if (event.key === 'Enter' && panel.content.node.contains(target) && this._isForCell(target)) {
      const then = thenOf(event);
      if (then && this._isChosen()) {
        this._run(event, then);
      }
    }
  };

  /** Alt+Shift+Enter approves and Alt+Shift+Backspace rejects, wherever in the notebook the cursor is. */
  private _onChord(event: KeyboardEvent): void {
    const { conversation } = this._reviewing;
    if (event.key === 'Enter') {
      take(event);
      void (this._isSeen() ? approve(conversation, event) : reveal(conversation));
    } else if (event.key === 'Backspace') {
      take(event);
      void openReject(conversation);
    }
  }

  /** The button acts when the mouse goes down or when it is clicked, depending on the version: neither may reach it. */
  private _onMouse = (event: MouseEvent): void => {
    const { target, type } = event;
    const isRun = target instanceof Element && target.closest(RUN_BUTTON) !== null;
    if (isRun && event.isTrusted && event.button === 0 && this._isChosen()) {
      if (type === 'click') {
        this._run(event, 'next');
      } else {
        take(event);
      }
    }
  };

  private _run(event: Event, then: Then): void {
    const { conversation } = this._reviewing;
    const notebook = conversation.panel.content;
    take(event);
    void approve(conversation, event);
    notebook.mode = 'command';
    const isLast = notebook.activeCellIndex === notebook.widgets.length - 1;
    if (then === 'insert' || (then === 'next' && isLast)) {
      NotebookActions.insertBelow(notebook);
      notebook.mode = 'edit';
    } else if (then === 'next') {
      NotebookActions.selectBelow(notebook);
    }
  }

  /** Whether the waiting step's cell, and no other, is what Lab would run. */
  private _isChosen(): boolean {
    const { cell } = this._reviewing;
    const notebook = this._reviewing.conversation.panel.content;
    return (
      cell !== null &&
      cell.model.type === 'code' &&
      cell === notebook.activeCell &&
      notebook.widgets.every(other => other === cell || !notebook.isSelected(other))
    );
  }

  /** Whether Lab would take the key as one for the cell: not while the completer is open, nor in some other text. */
  private _isForCell(target: Element): boolean {
    const editor = target.closest('.jp-InputArea-editor');
    return editor ? !editor.querySelector('.jp-mod-completer-active') : !target.closest(OTHER_TEXT);
  }

  /** Whether the user has the step before their eyes: its bar, and with it the beginning of its code. */
  private _isSeen(): boolean {
    const bar = this._reviewing.cell?.node.querySelector('.jp-CodeAct-bar')?.getBoundingClientRect();
    const view = this._reviewing.conversation.panel.content.node.getBoundingClientRect();
    return bar !== undefined && bar.height > 0 && bar.top >= view.top && bar.bottom <= view.bottom;
  }

  private get _toolbar(): HTMLElement {
    return this._reviewing.conversation.panel.toolbar.node;
  }

  private _isDisposed = false;
}

/** What follows the run with these keys, as usual; null for any others. */
function thenOf({ shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent): Then | null {
  const held = [shiftKey && 'next', (ctrlKey || metaKey) && 'stay', altKey && 'insert'].filter(key => key) as Then[];
  return held.length === 1 ? held[0] : null;
}

function take(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
