/** The settings page: what the user chose there, for the kernels and for our own views. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Token } from '@lumino/coreutils';
import { ISignal, Signal } from '@lumino/signaling';

import { complain } from './complaint';
import { Option } from './conversation';
import { Conversations } from './conversations';

type Options = { [name: string]: Option };

/** The settings that a kernel has to know, and what it calls them. */
const OPTIONS = {
  approvalMode: 'mode',
  model: 'model',
  maxTurns: 'max_turns',
  maxTokens: 'max_tokens',
  temperature: 'temperature'
};

export class Settings {
  /** Without `settings` all is as by default. */
  constructor(private _settings: ISettingRegistry.ISettings | null) {
    this._shown = this._optionsOf('composite');
    _settings?.changed.connect(this._onChanged, this);
  }

  /** The kernel's options that the user set; its own configuration decides the others. */
  options(): Options {
    return this._optionsOf('user');
  }

  /** Where the first step of a question from the chat goes. */
  get position(): 'below' | 'end' {
    return this._settings?.composite.position === 'end' ? 'end' : 'below';
  }

  /** Whether a cell that failed offers to be fixed. */
  get fixButton(): boolean {
    return this._settings?.composite.fixButton !== false;
  }

  /** Emitted with the kernel's options that have changed: none, when it was something else. */
  get changed(): ISignal<this, Options> {
    return this._changed;
  }

  /** A setting put back to its default counts too: what the page shows is what holds. */
  private _onChanged(): void {
    const before = this._shown;
    this._shown = this._optionsOf('composite');
    this._changed.emit(
      Object.fromEntries(Object.entries(this._shown).filter(([name, value]) => value !== before[name]))
    );
  }

  private _optionsOf(which: 'user' | 'composite'): Options {
    const options: Options = {};
    for (const [setting, name] of Object.entries(OPTIONS)) {
      const value = this._settings?.[which][setting];
      if (typeof value === 'number' || (typeof value === 'string' && value !== '')) {
        options[name] = value;
      }
    }
    return options;
  }

  private _shown: Options;
  private _changed = new Signal<this, Options>(this);
}

/** The settings, for our own plugins. */
export const ISettings = new Token<Settings>('codeact-jupyter:ISettings', 'What the user set for CodeAct.');

export const settings: JupyterFrontEndPlugin<Settings> = {
  id: 'codeact-jupyter:plugin',
  description: 'The settings of CodeAct.',
  autoStart: true,
  provides: ISettings,
  optional: [ISettingRegistry],
  activate: async (_app: JupyterFrontEnd, registry: ISettingRegistry | null) =>
    // Settings that were broken by hand are shown as such on their page; all else has to work.
    new Settings((await registry?.load(settings.id).catch(() => null)) ?? null)
};

/** Passes a change on to the kernels; one that does not listen yet is told all when it does. */
export function tell(conversations: Conversations, options: Options): void {
  for (const conversation of conversations.all) {
    for (const [name, value] of Object.entries(options)) {
      conversation.set(name, value).catch((error: unknown) => conversation.isOpen && complain(conversation, error));
    }
  }
}
