/**
 * The keys and the toolbar button that approve or reject the waiting step. They are DOM listeners, since a command
 * cannot tell a user's key from a script's, and run before JupyterLab's own, which would run the cell unapproved.
 */

import { NotebookActions } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';

import { approve, openReject, Review } from '../review/review';

/** JupyterLab's button that runs the selected cells. */
const RUN_BUTTON = '[data-command="notebook:run-cell-and-select-next"], [data-command="notebook:run-cell"]';
/** Elements other than a cell's editor that take text. */
const OTHER_TEXT = 'input, textarea, select, [contenteditable="true"]';

/** The active cell after the run: the same one, the next one, or a new one inserted below. */
type AfterRun = 'stay' | 'next' | 'insert';

export class ApprovalEvents implements IDisposable {
  constructor(private _review: Review) {
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
    const { conversation } = this._review;
    const { target } = event;
    if (!event.isTrusted || !conversation.pending || !(target instanceof Element) || event.isComposing) {
      return;
    }
    const { panel } = conversation;
    if (panel.toolbar.node.contains(target)) {
      const isPressed = event.key === 'Enter' || event.key === ' ';
      if (isPressed && target.closest(RUN_BUTTON) && this._isSelected()) {
        this._run(event, 'next');
      }
    } else if (panel.node.contains(target) && event.altKey && event.shiftKey && !event.ctrlKey && !event.metaKey) {
      this._onChord(event);
    } else if (event.key === 'Enter' && panel.content.node.contains(target) && this._isForCell(target)) {
      const afterRun = afterRunOf(event);
      if (afterRun && this._isSelected()) {
        this._run(event, afterRun);
      }
    }
  };

  /** Alt+Shift+Enter approves and Alt+Shift+Backspace rejects, from anywhere in the notebook. */
  private _onChord(event: KeyboardEvent): void {
    const { conversation } = this._review;
    if (event.key === 'Enter') {
      consume(event);
      void approve(conversation, event);
    } else if (event.key === 'Backspace') {
      consume(event);
      void openReject(conversation);
    }
  }

  /** JupyterLab's button acts on mousedown or on click, depending on the version: neither may reach it. */
  private _onMouse = (event: MouseEvent): void => {
    const { target, type } = event;
    const isRun = target instanceof Element && target.closest(RUN_BUTTON) !== null;
    if (isRun && event.isTrusted && event.button === 0 && this._isSelected()) {
      if (type === 'click') {
        this._run(event, 'next');
      } else {
        consume(event);
      }
    }
  };

  private _run(event: Event, afterRun: AfterRun): void {
    const { conversation } = this._review;
    const notebook = conversation.panel.content;
    const isRead = this._review.reading.isDone;
    consume(event);
    void approve(conversation, event);
    if (!isRead) {
      return;
    }
    notebook.mode = 'command';
    const isLast = notebook.activeCellIndex === notebook.widgets.length - 1;
    if (afterRun === 'insert' || (afterRun === 'next' && isLast)) {
      NotebookActions.insertBelow(notebook);
      notebook.mode = 'edit';
    } else if (afterRun === 'next') {
      NotebookActions.selectBelow(notebook);
    }
  }

  /** True if JupyterLab would run the waiting step's cell and no other. */
  private _isSelected(): boolean {
    const { cell } = this._review;
    const notebook = this._review.conversation.panel.content;
    return (
      cell !== null &&
      cell.model.type === 'code' &&
      cell === notebook.activeCell &&
      notebook.widgets.every(other => other === cell || !notebook.isSelected(other))
    );
  }

  /** True if a key on the element applies to the cell: no completer is open, and the element is no other text field. */
  private _isForCell(target: Element): boolean {
    const editor = target.closest('.jp-InputArea-editor');
    return editor ? !editor.querySelector('.jp-mod-completer-active') : !target.closest(OTHER_TEXT);
  }

  private get _toolbar(): HTMLElement {
    return this._review.conversation.panel.toolbar.node;
  }

  private _isDisposed = false;
}

/** Return the active cell after a run by these keys, as in JupyterLab; null if they do not run a cell. */
function afterRunOf({ shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent): AfterRun | null {
  const held = [shiftKey && 'next', (ctrlKey || metaKey) && 'stay', altKey && 'insert'].filter(
    key => key
  ) as AfterRun[];
  return held.length === 1 ? held[0] : null;
}

function consume(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
