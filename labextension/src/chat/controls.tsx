/** The controls of the chat: send or stop, model, mode and the use of the context window. */

import { InputToolbarRegistry } from '@jupyter/chat';
import * as React from 'react';

import { IModelFile } from '../kernel/protocol';
import { modelLabel, sentTo, told } from '../review/labels';
import { Words } from '../review/trial';
import { chooseMode, chooseModel } from './actions';
import { ChatModel } from './model';
import { parseCommand } from './slash';
import { useConversation, useSignal } from './subscriptions';

/** Return the toolbar of the input: one button, which stops the agent while it is busy. */
export function toolbar(): InputToolbarRegistry {
  const registry = new InputToolbarRegistry();
  registry.addItem('buttons', { element: Buttons, position: 10 });
  return registry;
}

function Buttons({ chatModel }: InputToolbarRegistry.IToolbarItemProps): React.JSX.Element | null {
  return chatModel instanceof ChatModel ? <SendOrStop model={chatModel} /> : null;
}

function SendOrStop({ model }: { model: ChatModel }): React.JSX.Element {
  const { conversation, input, trans } = model;
  useConversation(conversation);
  useSignal(input.valueChanged);
  const { phase } = conversation.status;
  const isFree = phase === 'idle' || phase === 'paused';
  const hasText = input.value.trim() !== '';
  const [label, hint] =
    isFree || parseCommand(input.value)
      ? [trans.__('Send'), '']
      : phase === 'waits'
        ? [trans.__('Change the step'), trans.__('The step that waits is not run: the model proposes another one')]
        : [trans.__('Send next'), trans.__('Your message is sent when the present question is answered')];
  return (
    <>
      {!isFree && (
        <button type="button" className="jp-CodeAct-button" onClick={() => model.attempt(conversation.stop())}>
          {trans.__('Stop')}
        </button>
      )}
      {(isFree || hasText) && (
        <button
          type="button"
          className="jp-CodeAct-button jp-mod-go"
          title={hint}
          disabled={!hasText}
          onClick={() => {
            input.send(input.value);
            input.focus();
          }}
        >
          {label}
        </button>
      )}
    </>
  );
}

/** The controls below the input. */
export function Footer({ model }: { model: ChatModel }): React.JSX.Element {
  const { conversation, trans } = model;
  useConversation(conversation);
  const { download, host, mode, progress, speed, window } = conversation.status;
  return (
    <div className="jp-CodeAct-footer">
      <div className="jp-CodeAct-footer-row">
        <ModelPicker key={conversation.page} model={model} />
        <select
          className="jp-CodeAct-mode"
          aria-label={trans.__('Mode')}
          title={trans.__('Approval: whether steps wait for you before they run')}
          value={mode}
          onChange={event => model.attempt(chooseMode(model, event.currentTarget.value === 'auto' ? 'auto' : 'ask'))}
        >
          <option value="ask">{trans.__('ask before running')}</option>
          <option value="auto">{trans.__('run at once (auto)')}</option>
        </select>
      </div>
      {progress && (
        <div className="jp-CodeAct-footer-row" role="status">
          <span className="jp-CodeAct-footer-text">
            <Words text={told(progress, trans)} />
          </span>
        </div>
      )}
      <DownloadRow model={model} />
      <div className="jp-CodeAct-footer-row">
        {window > 0 && <Gauge model={model} />}
        {speed > 0 && <span>{trans.__('%1 tok/s', speed.toFixed(1))}</span>}
        {host ? (
          <span
            className="jp-CodeAct-notice"
            title={trans.__('The questions, the code and its outputs are sent there')}
          >
            {sentTo(host, trans)}
          </span>
        ) : (
          <span className="jp-CodeAct-local" title={trans.__('The model runs on this machine')}>
            {download?.state === 'running' ? trans.__('local') : trans.__('local · offline')}
          </span>
        )}
      </div>
    </div>
  );
}

/** The download of a model: how far it is, and buttons to pause, continue or cancel it. */
function DownloadRow({ model }: { model: ChatModel }): React.JSX.Element | null {
  const { conversation, trans } = model;
  const { missingModel } = conversation;
  const { download } = conversation.status;
  if (!download) {
    return missingModel && <MissingModel file={missingModel} model={model} />;
  }
  const isRunning = download.state === 'running';
  const hasFailed = download.state === 'failed';
  return (
    <div className="jp-CodeAct-footer-row" role={hasFailed ? 'alert' : 'status'}>
      <span className={hasFailed ? 'jp-CodeAct-footer-text jp-CodeAct-warning' : 'jp-CodeAct-footer-text'}>
        {hasFailed ? told(download.text, trans) : trans.__('%1: %2', download.model, told(download.text, trans))}
      </span>
      {download.part > 0 && <progress value={download.part} aria-label={trans.__('Download of %1', download.model)} />}
      <button
        type="button"
        className="jp-CodeAct-button"
        onClick={() => model.attempt(isRunning ? conversation.pausePull() : conversation.pull(download.model))}
      >
        {isRunning ? trans.__('Pause') : hasFailed ? trans.__('Try again') : trans.__('Continue')}
      </button>
      <button
        type="button"
        className="jp-CodeAct-button"
        title={trans.__('End the download and remove what it has brought')}
        onClick={() => model.attempt(conversation.cancelPull())}
      >
        {trans.__('Cancel download')}
      </button>
    </div>
  );
}

/** The model of the settings, whose file is not there. */
function MissingModel({ file, model }: { file: IModelFile; model: ChatModel }): React.JSX.Element {
  const { trans } = model;
  return (
    <div className="jp-CodeAct-footer-row" role="status">
      <span className="jp-CodeAct-footer-text">
        {trans.__('%1, the model of your settings, is not on this machine.', file.name)}
      </span>
      <button type="button" className="jp-CodeAct-button" onClick={() => model.attempt(chooseModel(model, file.name))}>
        {trans.__('Download…')}
      </button>
    </div>
  );
}

function ModelPicker({ model }: { model: ChatModel }): React.JSX.Element {
  const { conversation, trans } = model;
  const [models, setModels] = React.useState<IModelFile[]>([]);
  const { isOpen, status } = conversation;
  const chosen = status.model;
  const isFetching = status.download !== null;
  React.useEffect(() => {
    if (isOpen && !isFetching) {
      model.attempt(model.conversation.models().then(setModels));
    }
  }, [model, isOpen, isFetching, chosen]);
  return (
    <select
      className="jp-CodeAct-model"
      aria-label={trans.__('Model')}
      title={trans.__('The model that answers')}
      value={chosen}
      disabled={!isOpen}
      onChange={event => model.attempt(chooseModel(model, event.currentTarget.value))}
    >
      {!models.some(({ name }) => name === chosen) && <option value={chosen}>{chosen || trans.__('no model')}</option>}
      {models.map(file => (
        <option
          key={file.name}
          value={file.name}
          title={[modelLabel(file, trans), told(file.purpose, trans)].filter(part => part).join(' · ')}
        >
          {file.name === chosen ? chosen : modelLabel(file, trans)}
        </option>
      ))}
    </select>
  );
}

function Gauge({ model }: { model: ChatModel }): React.JSX.Element {
  const { conversation, trans } = model;
  const { used, window } = conversation.status;
  const percent = window > 0 ? Math.min(100, Math.round((100 * used) / window)) : 0;
  return (
    <span
      className="jp-CodeAct-gauge"
      role="meter"
      title={trans.__('%1 of %2 tokens', used, window)}
      aria-label={trans.__('Context used')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={`${percent} %`}
    >
      {trans.__('context')}
      <span className="jp-CodeAct-gauge-track">
        <span style={{ width: `${percent}%` }} />
      </span>
      {percent} %
    </span>
  );
}
