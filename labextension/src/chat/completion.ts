/** Completion in the input: commands after `/`, variables and cells after `@`. */

import { ChatCommand, ChatCommandRegistry, IChatCommandProvider, IInputModel } from '@jupyter/chat';

import { completeCells } from './mentions';
import type { ChatModel } from './model';
import { mentionables } from './notebook';
import { describe, NAMES } from './slash';

const ID = 'codeact-jupyter';

class Completions implements IChatCommandProvider {
  readonly id = ID;

  constructor(private _model: ChatModel) {}

  async listCommandCompletions(input: IInputModel): Promise<ChatCommand[]> {
    const word = input.currentWord ?? '';
    const offers = await this._offers(input.value.trimStart(), word);
    // Offer nothing for a complete word, so that Enter sends it.
    return offers.some(offer => offer.name === word) ? [] : offers;
  }

  /** `ChatModel.sendMessage` runs the commands. */
  onSubmit(): Promise<void> {
    return Promise.resolve();
  }

  private async _offers(text: string, word: string): Promise<ChatCommand[]> {
    if (word.startsWith('@')) {
      return this._mentions(word.slice(1));
    }
    if (word.startsWith('/') && text.startsWith(word)) {
      const commands = describe(this._model.trans);
      const names = NAMES.filter(name => `/${name}`.startsWith(word));
      return names.map(name => offer(`/${name}`, commands[name].does, commands[name].takes !== ''));
    }
    if (text.startsWith('/mode ')) {
      return ['ask', 'auto'].filter(mode => mode.startsWith(word)).map(mode => offer(mode, ''));
    }
    if (text.startsWith('/model ') && this._model.conversation.isOpen) {
      const models = await this._model.conversation.models();
      return models.filter(model => model.name.startsWith(word)).map(model => offer(model.name, model.title));
    }
    return [];
  }

  private async _mentions(prefix: string): Promise<ChatCommand[]> {
    const { conversation } = this._model;
    const names = conversation.isOpen ? await conversation.names(prefix) : [];
    const cells = completeCells(prefix, mentionables(conversation.panel));
    return [
      ...names.map(({ name, type }) => offer(`@${name}`, type, true)),
      ...cells.map(({ name, line }) => offer(`@${name}`, line, true))
    ];
  }
}

function offer(name: string, description: string, spaceOnAccept = false): ChatCommand {
  return { name, providerId: ID, description, spaceOnAccept };
}

export function completions(model: ChatModel): ChatCommandRegistry {
  const registry = new ChatCommandRegistry();
  registry.addProvider(new Completions(model));
  return registry;
}
