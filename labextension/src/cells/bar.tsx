/** The bar above a step's code: what it would do and what the user can do about it, or what became of it. */

import { ICellModel } from '@jupyterlab/cells';
import { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { approve, reveal } from '../review';
import { DiffView } from './diffview';
import { ReasonForm } from './reason';
import { Reviewing } from './reviewing';
import { BarState } from './state';
import { Elapsed } from './elapsed';
import { addsWords, markWords, replacesWords } from './words';

export class Bar extends ReactWidget {
  constructor(
    private _reviewing: Reviewing,
    private _model: ICellModel,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-CodeAct-bar');
    this.node.setAttribute('role', 'group');
  }

  /** `proposed` is the code as the model wrote it, where that is known. */
  display(state: BarState, proposed: string | null): void {
    if (state.kind !== 'running') {
      this._since = null;
    } else if (this._state && this._state.kind !== 'running') {
      this._since = Date.now();
    }
    this._isDiffShown &&= state.kind === this._state?.kind;
    this._state = state;
    this._proposed = proposed;
    this.node.setAttribute('aria-label', this._trans.__('CodeAct step %1', state.step));
    this.node.classList.toggle('jp-mod-quiet', state.kind === 'idle' || state.kind === 'mark');
    this.update();
  }

  protected render(): React.JSX.Element | null {
    const state = this._state;
    const trans = this._trans;
    if (!state) {
      return null;
    }
    switch (state.kind) {
      case 'idle':
        return (
          <div className="jp-CodeAct-row">
            {state.hasRun
              ? trans.__('CodeAct step %1 · run by you', state.step)
              : trans.__('CodeAct step %1 · not run', state.step)}
          </div>
        );
      case 'mark':
        return this._mark(markWords(state.facts, trans), state.facts.edited === true);
      case 'queued':
        return this._work(state.step, <span>{trans.__('waits for the kernel')}</span>);
      case 'running':
        return this._work(state.step, <Elapsed since={this._since} trans={trans} />);
      case 'waits':
        return this._waits(state);
    }
  }

  private _mark(words: string, isEdited: boolean): React.JSX.Element {
    return (
      <>
        <div className="jp-CodeAct-row">
          <span className="jp-CodeAct-mark">{words}</span>
          {isEdited && this._proposed !== null && this._diffToggle()}
        </div>
        {isEdited && this._diff()}
      </>
    );
  }

  private _work(step: number, words: React.JSX.Element): React.JSX.Element {
    return (
      <div className="jp-CodeAct-row">
        <span className="jp-CodeAct-dot" aria-hidden="true" />
        <b>{this._trans.__('CodeAct step %1', step)}</b>
        {words}
        <span className="jp-CodeAct-space" />
        {this._button(this._trans.__('Stop'), () => void this._reviewing.stop())}
      </div>
    );
  }

  private _waits(state: BarState & { kind: 'waits' }): React.JSX.Element {
    const trans = this._trans;
    if (state.isRejecting) {
      return (
        <ReasonForm
          step={state.step}
          trans={trans}
          onSend={reason => void this._reviewing.reject(reason)}
          onCancel={() => {
            this._reviewing.askReason(false);
            this._reviewing.cell?.node.focus();
          }}
        />
      );
    }
    return (
      <>
        <div className="jp-CodeAct-row">
          <b>{trans.__('CodeAct step %1', state.step)}</b>
          {state.isCode
            ? this._effects(state)
            : this._problem(trans.__('not a code cell: reject it, or change it back'))}
          <span className="jp-CodeAct-space" />
          {state.isCode && <kbd aria-hidden="true">⇧⏎</kbd>}
          {state.isCode && this._actions(state.edited > 0)}
          {this._button(trans.__('Reject…'), () => this._reviewing.askReason(true))}
        </div>
        {state.notice && (
          <div className="jp-CodeAct-row jp-CodeAct-notice" role="status">
            {state.notice}
          </div>
        )}
        {state.edited > 0 && this._diff()}
      </>
    );
  }

  private _effects({ edited, adds, replaces }: BarState & { kind: 'waits' }): React.JSX.Element {
    const trans = this._trans;
    if (edited > 0) {
      return (
        <span className="jp-CodeAct-effects">
          {trans._n('edited by you: %1 line', 'edited by you: %1 lines', edited)}
          <span className="jp-CodeAct-aside">{trans.__(' · the model will see the change')}</span>
        </span>
      );
    }
    return (
      <>
        {replaces.length > 0 && this._problem(replacesWords(replaces, trans))}
        {adds.length > 0 && <span className="jp-CodeAct-effects">{addsWords(adds, trans)}</span>}
      </>
    );
  }

  private _problem(words: string): React.JSX.Element {
    return <span className="jp-CodeAct-warning">{words}</span>;
  }

  private _actions(isEdited: boolean): React.JSX.Element {
    const trans = this._trans;
    const run = (event: React.MouseEvent): void => void approve(this._reviewing.conversation, event.nativeEvent);
    const hint = trans.__('Approve what the cell shows now, and run it (Alt+Shift+Enter)');
    return isEdited ? (
      <>
        {this._diffToggle()}
        {this._button(trans.__('Run edited'), run, 'jp-mod-go', hint)}
        {this._button(trans.__('Restore'), () => this._restore(), '', trans.__('Back to the code as proposed'))}
      </>
    ) : (
      <>
        {this._button(trans.__('Run'), run, 'jp-mod-go', hint)}
        {this._button(trans.__('Edit'), () => void reveal(this._reviewing.conversation, { edit: true }))}
      </>
    );
  }

  private _diffToggle(): React.JSX.Element {
    const words = this._isDiffShown ? this._trans.__('Hide change') : this._trans.__('Show change');
    const toggle = (): void => {
      this._isDiffShown = !this._isDiffShown;
      this.update();
    };
    return this._button(words, toggle, 'jp-mod-link', undefined, this._isDiffShown);
  }

  private _diff(): React.JSX.Element | null {
    return this._isDiffShown && this._proposed !== null ? (
      <DiffView proposed={this._proposed} now={this._model.sharedModel.getSource()} trans={this._trans} />
    ) : null;
  }

  private _button(
    words: string,
    onClick: (event: React.MouseEvent) => void,
    look = '',
    title?: string,
    expanded?: boolean
  ): React.JSX.Element {
    return (
      <button
        type="button"
        className={`jp-CodeAct-button ${look}`}
        title={title}
        aria-expanded={expanded}
        onClick={onClick}
      >
        {words}
      </button>
    );
  }

  private _restore(): void {
    if (this._proposed !== null) {
      this._model.sharedModel.setSource(this._proposed);
    }
  }

  private _state: BarState | null = null;
  private _proposed: string | null = null;
  /** When the step was seen to begin; null when it ran already. */
  private _since: number | null = null;
  private _isDiffShown = false;
}
