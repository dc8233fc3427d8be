/** The user's settings as options of the kernel. */

import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';
import { describe, expect, test, vi } from 'vitest';

import schema from '../../schema/plugin.json';
import { Settings } from '../../src/shell/settings';

// Needs a browser.
vi.mock('@jupyterlab/settingregistry', () => ({ ISettingRegistry: null }));

/** JupyterLab saves no setting without a default as long as all others have theirs. */
const DEFAULTS = {
  approvalMode: 'ask',
  reach: '',
  model: '',
  maxTurns: null,
  maxTokens: null,
  temperature: null,
  prepareNext: true,
  position: 'below',
  fixButton: true
};

class Page {
  user: ISettingRegistry.ISettings['user'] = {};
  readonly changed = new Signal<this, void>(this);

  get composite(): ISettingRegistry.ISettings['composite'] {
    return { ...DEFAULTS, ...this.user };
  }

  save(user: ISettingRegistry.ISettings['user']): void {
    this.user = user;
    this.changed.emit();
  }
}

function open(user: ISettingRegistry.ISettings['user'] = {}): { page: Page; settings: Settings; changes: object[] } {
  const page = new Page();
  page.user = user;
  const settings = new Settings(page as unknown as ISettingRegistry.ISettings);
  const changes: object[] = [];
  settings.changed.connect((_, options) => changes.push(options));
  return { page, settings, changes };
}

describe('options', () => {
  test('are none where the user set none, or there is no settings page', () => {
    expect(open().settings.options()).toEqual({});
    expect(new Settings(null).options()).toEqual({});
  });

  test('have the names of the kernel', () => {
    const user = { approvalMode: 'auto', model: 'm', maxTurns: 3, maxTokens: 99, temperature: 0, position: 'end' };
    const options = { mode: 'auto', model: 'm', max_turns: 3, max_tokens: 99, temperature: 0 };
    expect(open(user).settings.options()).toEqual(options);
  });

  test('have a reach only where the user set one', () => {
    expect(open({ reach: '' }).settings.options()).toEqual({});
    expect(open({ reach: 'read-only' }).settings.options()).toEqual({ reach: 'read-only' });
  });

  test('may be false', () => {
    expect(open({ prepareNext: false, fixButton: false }).settings.options()).toEqual({ prepare_next: false });
  });

  test('leave an empty model to the kernel', () => {
    expect(open({ model: '' }).settings.options()).toEqual({});
  });
});

describe('changed', () => {
  test('tells the options that differ from before', () => {
    const { page, changes } = open({ maxTurns: 3 });
    page.save({ maxTurns: 3, approvalMode: 'auto' });
    page.save({ maxTurns: 4, approvalMode: 'auto' });
    expect(changes).toEqual([{ mode: 'auto' }, { max_turns: 4 }]);
  });

  test('tells that an option is no longer set, so that the kernel puts back what it had', () => {
    const { page, changes } = open();
    page.save({ reach: 'read-only' });
    page.save({ maxTurns: 3, temperature: 0 });
    page.save({});
    expect(changes).toEqual([
      { reach: 'read-only' },
      { reach: null, max_turns: 3, temperature: 0 },
      { max_turns: null, temperature: null }
    ]);
  });

  test('tells of the approval mode put back to its default', () => {
    const { page, changes } = open({ approvalMode: 'auto' });
    page.save({});
    expect(changes).toEqual([{ mode: 'ask' }]);
  });

  test('tells no option when something else changed', () => {
    const { page, settings, changes } = open();
    page.save({ position: 'end', fixButton: false });
    expect(changes).toEqual([{}]);
    expect([settings.position, settings.fixButton]).toEqual(['end', false]);
  });
});

test('the schema has the defaults that hold without a settings page', () => {
  const defaults = Object.entries(schema.properties).map(([name, property]) => [name, property.default]);
  expect(Object.fromEntries(defaults)).toEqual(DEFAULTS);
  const { position, fixButton } = new Settings(null);
  expect({ position, fixButton }).toEqual({ position: DEFAULTS.position, fixButton: DEFAULTS.fixButton });
});
