/** The bar above a step's code: its effects and the controls for its review, or its outcome. */

import { ICellModel, isCodeCellModel } from '@jupyterlab/cells';
import { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { DiffView } from '../review/diff-view';
import { Elapsed } from '../review/elapsed';
import { InvisibleNote } from '../review/invisible';
import { addsLabel, differsLabel, outcomeLabel, replacesLabel, sentTo } from '../review/labels';
import { IStepMetadata } from '../review/metadata';
import { ReasonForm } from '../review/reason-form';
import { approve, reveal, Review } from '../review/review';
import { TrialFold, Words } from '../review/trial';
import { Undo } from '../review/undo';
import { BarState } from './state';

export class Bar extends ReactWidget {
  constructor(
    private _review: Review,
    private _model: ICellModel,
    private _askAbout: (cell: string) => void,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-CodeAct-bar');
    this.node.setAttribute('role', 'group');
  }

  /** Show the state. `proposed` is the code as proposed, or null if it is unknown. */
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
    this.node.classList.toggle('jp-mod-quiet', state.kind === 'idle' || state.kind === 'final');
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
      case 'final':
        return this._outcome(state.metadata);
      case 'queued':
        return this._busy(state.step, <span>{trans.__('waits for the kernel')}</span>);
      case 'running':
        return this._busy(state.step, <Elapsed label={trans.__('running')} since={this._since} trans={trans} />);
      case 'waits':
        return this._waits(state);
    }
  }

  private _outcome(metadata: IStepMetadata): React.JSX.Element {
    const isEdited = metadata.edited === true;
    return (
      <>
        <div className="jp-CodeAct-row">
          <span className="jp-CodeAct-mark">{outcomeLabel(metadata, this._trans)}</span>
          {metadata.differs && <span className="jp-CodeAct-notice">{differsLabel(this._trans)}</span>}
          {isEdited && this._proposed !== null && this._diffToggle()}
          {metadata.state === 'done' &&
            this._hasOutput &&
            this._button(this._trans.__('Ask about this output'), () => this._askAbout(this._model.id), 'jp-mod-link')}
          <span className="jp-CodeAct-space" />
          <Undo conversation={this._review.conversation} proposal={metadata.proposal} trans={this._trans} />
        </div>
        {isEdited && this._diff()}
      </>
    );
  }

  private get _hasOutput(): boolean {
    return isCodeCellModel(this._model) && this._model.outputs.length > 0;
  }

  private _busy(step: number, label: React.JSX.Element): React.JSX.Element {
    return (
      <div className="jp-CodeAct-row">
        <span className="jp-CodeAct-dot" aria-hidden="true" />
        <b>{this._trans.__('CodeAct step %1', step)}</b>
        {label}
        <span className="jp-CodeAct-space" />
        {this._button(this._trans.__('Stop'), () => void this._review.stop())}
      </div>
    );
  }

  private _waits(state: BarState & { kind: 'waits' }): React.JSX.Element {
    const trans = this._trans;
    const { host } = this._review.conversation.status;
    if (state.isRejecting) {
      return (
        <ReasonForm
          step={state.step}
          trans={trans}
          onSend={reason => void this._review.reject(reason)}
          onCancel={() => {
            this._review.showForm(false);
            this._review.cell?.node.focus();
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
            : this._warning(trans.__('not a code cell: reject it, or change it back'))}
          {host && <span className="jp-CodeAct-aside">{sentTo(host, trans)}</span>}
          <span className="jp-CodeAct-group">
            {state.isCode && this._actions(state.edited > 0)}
            {this._button(trans.__('Reject…'), () => this._review.showForm(true), '', trans.__('Alt+Shift+Backspace'))}
          </span>
        </div>
        {state.invisible && <InvisibleNote note={state.invisible} trans={trans} />}
        {state.trial && <TrialFold trial={state.trial} step={state.step} isEdited={state.edited > 0} trans={trans} />}
        {state.notice && (
          <div className="jp-CodeAct-row jp-CodeAct-notice" role="status">
            <Words text={state.notice} />
          </div>
        )}
        {state.edited > 0 && this._diff()}
      </>
    );
  }

  private _effects({ edited, adds, replaces, trial }: BarState & { kind: 'waits' }): React.JSX.Element {
    const trans = this._trans;
    if (edited > 0) {
      return (
        <span className="jp-CodeAct-effects" title={trans.__('The model will see the change')}>
          {trans._n('edited by you: %1 line', 'edited by you: %1 lines', edited)}
        </span>
      );
    }
    return (
      <>
        {replaces.length > 0 && this._warning(replacesLabel(replaces, trans))}
        {adds.length > 0 && trial?.outcome !== 'ran' && (
          <span className="jp-CodeAct-effects">{addsLabel(adds, trans)}</span>
        )}
      </>
    );
  }

  private _warning(label: string): React.JSX.Element {
    return <span className="jp-CodeAct-warning">{label}</span>;
  }

  private _actions(isEdited: boolean): React.JSX.Element {
    const trans = this._trans;
    const run = (event: React.MouseEvent): void => void approve(this._review.conversation, event.nativeEvent);
    const hint = trans.__('Approve what the cell shows now, and run it');
    return isEdited ? (
      <>
        {this._keys()}
        {this._diffToggle()}
        {this._button(trans.__('Run edited'), run, 'jp-mod-go', hint)}
        {this._button(trans.__('Restore'), () => this._restore(), '', trans.__('Back to the code as proposed'))}
      </>
    ) : (
      <>
        {this._keys()}
        {this._button(trans.__('Run'), run, 'jp-mod-go', hint)}
        {this._button(trans.__('Edit'), () => void reveal(this._review.conversation, { edit: true }))}
      </>
    );
  }

  /** The keys that approve: those that run a cell while it is the active one, and others from anywhere else. */
  private _keys(): React.JSX.Element {
    const trans = this._trans;
    return (
      <span className="jp-CodeAct-keys">
        <kbd className="jp-mod-here" title={trans.__('Approves and runs this cell')}>
          {trans.__('Shift+Enter')}
        </kbd>
        <kbd
          className="jp-mod-elsewhere"
          title={trans.__('Approves and runs this cell, from anywhere in the notebook')}
        >
          {trans.__('Alt+Shift+Enter')}
        </kbd>
      </span>
    );
  }

  private _diffToggle(): React.JSX.Element {
    const label = this._isDiffShown ? this._trans.__('Hide change') : this._trans.__('Show change');
    const toggle = (): void => {
      this._isDiffShown = !this._isDiffShown;
      this.update();
    };
    return this._button(label, toggle, 'jp-mod-link', undefined, this._isDiffShown);
  }

  private _diff(): React.JSX.Element | null {
    return this._isDiffShown && this._proposed !== null ? (
      <DiffView proposed={this._proposed} now={this._model.sharedModel.getSource()} trans={this._trans} />
    ) : null;
  }

  private _button(
    label: string,
    onClick: (event: React.MouseEvent) => void,
    className = '',
    title?: string,
    expanded?: boolean
  ): React.JSX.Element {
    return (
      <button
        type="button"
        className={`jp-CodeAct-button ${className}`}
        title={title}
        aria-expanded={expanded}
        onClick={onClick}
      >
        {label}
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
  /** Time at which the run began, in milliseconds since the epoch; null if it began before the bar was shown. */
  private _since: number | null = null;
  private _isDiffShown = false;
}
