/** Gestures: which keys and clicks approve or reject, where, and what JupyterLab may do with them. */

import { beforeEach, describe, expect, test, vi } from 'vitest';

import { ApprovalEvents } from '../../src/cells/approval-events';
import { Review } from '../../src/review/review';

const fakes = vi.hoisted(() => ({ done: [] as string[], actions: [] as string[] }));
// These need a browser.
vi.mock('@jupyterlab/notebook', () => ({
  NotebookActions: {
    insertBelow: () => fakes.actions.push('insert'),
    selectBelow: () => fakes.actions.push('next')
  }
}));
vi.mock('../../src/review/review', () => ({
  approve: () => Promise.resolve(fakes.done.push('approve')),
  openReject: () => Promise.resolve(fakes.done.push('reject'))
}));

/** Removes listeners as a browser does; that of Node does not know the short form of `capture`. */
class Target extends EventTarget {
  removeEventListener(type: string, listener: EventListener, capture = false): void {
    super.removeEventListener(type, listener, { capture });
  }
}

/** An element by the selectors that it and those around it match. */
class FakeElement extends Target {
  constructor(private _around: string[] = []) {
    super();
  }
  closest(selector: string): object | null {
    const found = this._around.find(one => selector.split(', ').includes(one));
    return found === undefined ? null : { querySelector: () => (this._around.includes('completer') ? {} : null) };
  }
}
const page = new Target();
vi.stubGlobal('Element', FakeElement);
vi.stubGlobal('window', page);

const EDITOR = ['.jp-InputArea-editor'];
const RUN = ['[data-command="notebook:run-cell"]'];

class Notebook {
  pending: object | null = {};
  readonly cell = { model: { type: 'code' } };
  readonly other = { model: { type: 'code' } };
  selected: object[] = [];
  readonly toolbar = new FakeElement();
  /** Where an event comes from. */
  place: 'cell' | 'panel' | 'toolbar' | 'elsewhere' = 'cell';
  readonly content = {
    activeCell: this.cell as object,
    activeCellIndex: 0,
    widgets: [this.cell, this.other] as object[],
    mode: 'edit',
    isSelected: (cell: object) => this.selected.includes(cell),
    node: { contains: () => this.place === 'cell' }
  };
  readonly reading = { isDone: true };
  readonly conversation = this;
  readonly panel = {
    content: this.content,
    toolbar: { node: Object.assign(this.toolbar, { contains: () => this.place === 'toolbar' }) },
    node: { contains: () => this.place !== 'elsewhere' }
  };
  readonly events = new ApprovalEvents(this as unknown as Review);

  /** Press keys, such as `Shift+Enter`, and return whether JupyterLab gets the event. */
  press(keys: string, around: string[] = EDITOR, more: object = {}): boolean {
    const parts = keys.split('+');
    const key = parts.pop() ?? '';
    const [altKey, shiftKey, ctrlKey, metaKey] = ['Alt', 'Shift', 'Ctrl', 'Meta'].map(held => parts.includes(held));
    const event = new Event('keydown', { cancelable: true });
    const target = new FakeElement(around);
    Object.defineProperties(event, { isTrusted: { value: true }, target: { value: target } });
    Object.assign(event, { key, altKey, shiftKey, ctrlKey, metaKey, isComposing: false, ...more });
    return this._dispatch(page, event);
  }

  /** Press a mouse button on an element of the toolbar, and return whether JupyterLab gets the event. */
  click(type: string, around: string[], button = 0): boolean {
    const event = new Event(type, { cancelable: true });
    Object.defineProperties(event, { isTrusted: { value: true }, target: { value: new FakeElement(around) } });
    return this._dispatch(this.toolbar, Object.assign(event, { button }));
  }

  private _dispatch(place: EventTarget, event: Event): boolean {
    const stopped = vi.spyOn(event, 'stopPropagation');
    place.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(stopped.mock.calls.length > 0);
    return !event.defaultPrevented;
  }
}

let notebook: Notebook;

beforeEach(() => {
  notebook = new Notebook();
  fakes.done.length = fakes.actions.length = 0;
  return () => {
    notebook.events.dispose();
  };
});

describe('with the step’s cell selected', () => {
  test.each([
    ['Shift+Enter', ['next']],
    ['Ctrl+Enter', []],
    ['Meta+Enter', []],
    ['Alt+Enter', ['insert']]
  ])('%s approves, and goes on as JupyterLab does', (keys, actions) => {
    expect(notebook.press(keys)).toBe(false);
    expect(fakes.done).toEqual(['approve']);
    expect(fakes.actions).toEqual(actions);
  });

  test('Shift+Enter in the last cell makes a new one', () => {
    notebook.content.activeCellIndex = 1;
    notebook.press('Shift+Enter');
    expect(fakes.actions).toEqual(['insert']);
  });

  test('a step that was not read stays where it is', () => {
    notebook.reading.isDone = false;
    expect(notebook.press('Shift+Enter')).toBe(false);
    expect(fakes.done).toEqual(['approve']); // which asks the user to read
    expect(fakes.actions).toEqual([]);
    expect(notebook.content.mode).toBe('edit');
  });

  test.each(['Enter', 'Ctrl+Shift+Enter', 'Shift+a'])('%s is JupyterLab’s', keys => {
    expect(notebook.press(keys)).toBe(true);
    expect(fakes.done).toEqual([]);
  });

  test.each<[string, string[], object]>([
    ['in another text field', ['input'], {}],
    ['with the list of completions open', [...EDITOR, 'completer'], {}],
    ['while a letter is composed', EDITOR, { isComposing: true }]
  ])('Shift+Enter %s is JupyterLab’s', (_, around, more) => {
    expect(notebook.press('Shift+Enter', around, more)).toBe(true);
    expect(fakes.done).toEqual([]);
  });
});

test.each<[string, (notebook: Notebook) => void]>([
  ['no step waits', notebook => (notebook.pending = null)],
  ['another cell is active', notebook => (notebook.content.activeCell = notebook.other)],
  ['another cell is selected, too', notebook => (notebook.selected = [notebook.other])],
  ['the cell is no code', notebook => (notebook.cell.model.type = 'markdown')],
  ['the key is pressed elsewhere', notebook => (notebook.place = 'elsewhere')]
])('where %s, Shift+Enter is JupyterLab’s', (_, change) => {
  change(notebook);
  expect(notebook.press('Shift+Enter')).toBe(true);
  expect(fakes.done).toEqual([]);
});

describe('from anywhere in the notebook', () => {
  test.each([
    ['Alt+Shift+Enter', ['approve']],
    ['Alt+Shift+Backspace', ['reject']]
  ])('%s decides', (keys, done) => {
    notebook.place = 'panel';
    notebook.content.activeCell = notebook.other;
    expect(notebook.press(keys, [])).toBe(false);
    expect(fakes.done).toEqual(done);
  });

  test('a key of a script decides nothing', () => {
    const event = Object.assign(new Event('keydown', { cancelable: true }), {
      key: 'Enter',
      altKey: true,
      shiftKey: true
    });
    Object.defineProperty(event, 'target', { value: new FakeElement() });
    page.dispatchEvent(event);
    expect(fakes.done).toEqual([]);
  });
});

describe('the button that runs cells', () => {
  test('approves by the click, and no event of it reaches JupyterLab', () => {
    expect(notebook.click('mousedown', RUN)).toBe(false);
    expect(fakes.done).toEqual([]);
    expect(notebook.click('click', RUN)).toBe(false);
    expect(fakes.done).toEqual(['approve']);
    expect(fakes.actions).toEqual(['next']);
  });

  test.each(['Enter', ' '])('approves by the key %j', key => {
    notebook.place = 'toolbar';
    expect(notebook.press(key, RUN)).toBe(false);
    expect(fakes.done).toEqual(['approve']);
  });

  test('is JupyterLab’s with another cell active, and so are the other buttons', () => {
    expect(notebook.click('click', ['.other'])).toBe(true);
    expect(notebook.click('click', RUN, 2)).toBe(true);
    notebook.content.activeCell = notebook.other;
    expect(notebook.click('click', RUN)).toBe(true);
    expect(fakes.done).toEqual([]);
  });
});

test('after the notebook is closed nothing listens', () => {
  notebook.events.dispose();
  expect(notebook.press('Shift+Enter')).toBe(true);
  expect(notebook.click('click', RUN)).toBe(true);
  expect([fakes.done, notebook.events.isDisposed]).toEqual([[], true]);
});
