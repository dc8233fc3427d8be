/** Below the input: which model, which mode, how full its window is. */

import * as React from 'react';

import { IModel } from '../protocol';
import { chooseMode, chooseModel } from './actions';
import { useConversation } from './hooks';
import type { ChatModel } from './model';

export function Footer({ model }: { model: ChatModel }): React.JSX.Element {
  const { conversation, trans } = model;
  useConversation(conversation);
  const { mode, progress, speed } = conversation.status;
  return (
    <div className="jp-CodeAct-footer">
      <div className="jp-CodeAct-footer-row">
        <ModelPicker key={conversation.page} model={model} />
        <select
          className="jp-CodeAct-mode"
          aria-label={trans.__('Mode')}
          title={trans.__('Whether a step waits for you before it runs')}
          value={mode}
          onChange={event => model.attempt(chooseMode(model, event.currentTarget.value === 'auto' ? 'auto' : 'ask'))}
        >
          <option value="ask">{trans.__('ask before run')}</option>
          <option value="auto">{trans.__('run by itself (auto)')}</option>
        </select>
      </div>
      {progress && (
        <div className="jp-CodeAct-footer-row" role="status">
          {progress}
        </div>
      )}
      <div className="jp-CodeAct-footer-row">
        <Gauge model={model} />
        {speed > 0 && <span>{trans.__('%1 tok/s', speed.toFixed(1))}</span>}
        <span className="jp-CodeAct-local" title={trans.__('The model runs on this machine')}>
          {trans.__('local · offline')}
        </span>
      </div>
    </div>
  );
}

function ModelPicker({ model }: { model: ChatModel }): React.JSX.Element {
  const { conversation, trans } = model;
  const [models, setModels] = React.useState<IModel[]>([]);
  const { isOpen, status } = conversation;
  const chosen = status.model;
  const isFetching = status.progress !== '';
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
      {models.map(({ name, bytes, installed }) => (
        <option key={name} value={name}>
          {installed ? name : trans.__('%1 (fetches %2 GB)', name, (bytes / 1e9).toFixed(1))}
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
