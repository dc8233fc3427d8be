/** The settings of the extension: options for the kernels and for its views. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Token } from '@lumino/coreutils';
import { ISignal, Signal } from '@lumino/signaling';

import { Option } from '../kernel/protocol';

export type Options = { [name: string]: Option };
/** Null for options that are no longer set. */
export type OptionChanges = { [name: string]: Option | null };

/** Settings for the kernel, with the names of its options. */
const KERNEL_OPTIONS = {
  approvalMode: 'mode',
  reach: 'reach',
  model: 'model',
  maxTurns: 'max_turns',
  maxTokens: 'max_tokens',
  temperature: 'temperature',
  prepareNext: 'prepare_next'
};

export class Settings {
  /** `_settings` is null if there are none, or they cannot be read: then the defaults apply. */
  constructor(private _settings: ISettingRegistry.ISettings | null) {
    this._shown = this._optionsOf('composite');
    _settings?.changed.connect(this._onChanged, this);
  }

  /** Return the kernel's options that the user has set. Its own configuration decides the others. */
  options(): Options {
    return this._optionsOf('user');
  }

  /** Place of the first step of a question in the chat: below the active cell, or at the end of the notebook. */
  get position(): 'below' | 'end' {
    return this._settings?.composite.position === 'end' ? 'end' : 'below';
  }

  /** True if cells that failed get a button to fix them. */
  get fixButton(): boolean {
    return this._settings?.composite.fixButton !== false;
  }

  /** Emitted with the kernel's options that have changed; with none if another setting has. */
  get changed(): ISignal<this, OptionChanges> {
    return this._changed;
  }

  /** Compares the settings as shown, with defaults, so that resetting one to its default is a change, too. */
  private _onChanged(): void {
    const before = this._shown;
    this._shown = this._optionsOf('composite');
    const names = Object.keys({ ...before, ...this._shown }).filter(name => this._shown[name] !== before[name]);
    this._changed.emit(Object.fromEntries(names.map(name => [name, this._shown[name] ?? null])));
  }

  private _optionsOf(which: 'user' | 'composite'): Options {
    const options: Options = {};
    for (const [setting, name] of Object.entries(KERNEL_OPTIONS)) {
      const value = this._settings?.[which][setting];
      if (typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value !== '')) {
        options[name] = value;
      }
    }
    return options;
  }

  private _shown: Options;
  private _changed = new Signal<this, OptionChanges>(this);
}

/** Token of the settings, for this extension's plugins. */
export const ISettings = new Token<Settings>('codeact-jupyter:ISettings', 'The settings of CodeAct.');

export const settings: JupyterFrontEndPlugin<Settings> = {
  id: 'codeact-jupyter:plugin',
  description: 'The settings of CodeAct.',
  autoStart: true,
  provides: ISettings,
  optional: [ISettingRegistry],
  activate: async (_app: JupyterFrontEnd, registry: ISettingRegistry | null) =>
    // The settings page reports invalid settings; the extension works without them.
    new Settings((await registry?.load(settings.id).catch(() => null)) ?? null)
};
