/** The cells of steps: found, given a bar, kept up to date, and let go. */

import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { beforeEach, expect, test, vi } from 'vitest';

import { StepCells } from '../../src/cells/steps';
import { Change } from '../../src/kernel/conversation';
import { IPending, IStep, Item, StepState } from '../../src/kernel/protocol';
import { IStepMetadata } from '../../src/review/metadata';
import { Review } from '../../src/review/review';

const fakes = vi.hoisted(() => {
  class Bar {
    kinds: string[] = [];
    proposed: string | null = null;
    isDisposed = false;
    display(state: { kind: string }, proposed: string | null): void {
      this.kinds.push(state.kind);
      this.proposed = proposed;
    }
    dispose(): void {
      this.isDisposed = true;
    }
  }
  class PanelLayout {
    bars: Bar[] = [];
    insertWidget(_: number, bar: Bar): void {
      this.bars.push(bar);
    }
  }
  return { Bar, PanelLayout };
});
// These need a browser.
vi.mock('@jupyterlab/cells', () => ({ isCodeCellModel: (model: { type: string }) => model.type === 'code' }));
vi.mock('@lumino/widgets', () => ({ PanelLayout: fakes.PanelLayout }));
vi.mock('react-dom', () => ({ flushSync: (act: () => void) => act() }));
vi.mock('../../src/cells/bar', () => ({ Bar: fakes.Bar }));
vi.mock('../../src/review/review', () => ({ Review: null }));

const METADATA: IStepMetadata = { proposal: 'p', cell: 'c', step: 1, model: 'm', state: 'waits', code: 'df' };
const PENDING = { proposal: 'p', cell: 'c', code: 'df', adds: [], replaces: [], tried: null } as unknown as IPending;

function item(state: StepState, more: Partial<IStep> = {}): Item {
  return { kind: 'step', proposal: 'p', cell: 'c', step: 1, state, edited: false, seconds: 1, ...more } as IStep;
}

class FakeModel {
  readonly type = 'code';
  executionCount: number | null = null;
  source = 'df';
  readonly metadataChanged = new Signal<this, { key: string }>(this);
  readonly contentChanged = new Signal<this, void>(this);
  readonly stateChanged = new Signal<this, { name: string }>(this);
  readonly sharedModel = { getSource: () => this.source };

  constructor(
    readonly id: string,
    public metadata: object | undefined
  ) {}

  getMetadata(): object | undefined {
    return this.metadata;
  }
  setMetadata(key: string, value: object): void {
    this.metadata = value;
    this.metadataChanged.emit({ key });
  }
  deleteMetadata(): void {
    this.metadata = undefined;
  }
}

class FakeCell {
  readonly disposed = new Signal<this, void>(this);
  readonly ready = Promise.resolve();
  readonly layout = new fakes.PanelLayout();
  readonly classes = new Set<string>();
  isDisposed = false;
  readonly model: FakeModel;

  constructor(id: string, metadata: object | undefined) {
    this.model = new FakeModel(id, metadata);
  }

  toggleClass(name: string, isOn: boolean): void {
    this.classes[isOn ? 'add' : 'delete'](name);
  }
  removeClass(name: string): void {
    this.classes.delete(name);
  }
  updateEditorConfig(): void {
    // long lines wrap
  }
  get bar(): InstanceType<typeof fakes.Bar> | undefined {
    return this.layout.bars.at(-1);
  }
  get kind(): string | undefined {
    return this.bar?.kinds.at(-1);
  }
}

class Notebook {
  readonly changed = new Signal<this, Change>(this);
  readonly cellsChanged = new Signal<this, { type: string; newValues: object[] }>(this);
  pending: IPending | null = null;
  items: Item[] = [];
  status = { undo: '' };
  nbformatMinor = 5;
  readonly widgets: FakeCell[] = [];
  readonly panel = {
    context: { ready: Promise.resolve() },
    content: { widgets: this.widgets, model: this._model() }
  };
  readonly review = {
    conversation: this,
    changed: new Signal<object, void>(this),
    state: { sent: '', rejecting: '', notice: '' }
  };
  readonly steps = new StepCells(
    this.review as unknown as Review,
    () => undefined,
    nullTranslator.load('codeact_jupyter')
  );

  /** Add a cell; resolve when its bar is there. */
  async add(id: string, metadata?: object): Promise<FakeCell> {
    const cell = new FakeCell(id, metadata);
    this.widgets.push(cell);
    this.cellsChanged.emit({ type: 'add', newValues: [cell.model] });
    await cell.ready;
    return cell;
  }

  becomes(change: Partial<Pick<Notebook, 'items' | 'pending'>>): void {
    Object.assign(this, change);
    this.changed.emit('items');
  }

  private _model(): object {
    const models = (): FakeModel[] => this.widgets.map(({ model }) => model);
    const cells = { changed: this.cellsChanged, [Symbol.iterator]: () => models()[Symbol.iterator]() };
    return Object.defineProperty({ cells }, 'nbformatMinor', { get: () => this.nbformatMinor });
  }
}

let notebook: Notebook;

beforeEach(async () => {
  notebook = new Notebook();
  await Promise.resolve();
});

test('an ordinary cell has no bar, and gets one when it becomes a step', async () => {
  const cell = await notebook.add('c');
  expect(cell.bar).toBe(undefined);
  cell.model.setMetadata('other', METADATA);
  expect(cell.bar).toBe(undefined);
  cell.model.setMetadata('codeact', METADATA);
  await cell.ready;
  expect(cell.kind).toBe('idle');
});

test('a copy of a step is an ordinary cell', async () => {
  const copy = await notebook.add('another', METADATA);
  expect([copy.bar, copy.model.metadata]).toEqual([undefined, undefined]);
});

test('in a notebook without cell ids a step keeps its bar', async () => {
  notebook.nbformatMinor = 4;
  expect((await notebook.add('another', METADATA)).kind).toBe('idle');
});

test('the bar follows the step from waiting to its end, and the end is kept with the notebook', async () => {
  notebook.pending = PENDING;
  const cell = await notebook.add('c', METADATA);
  expect([cell.kind, cell.bar?.proposed]).toEqual(['waits', 'df']);
  expect([...cell.classes]).toEqual(['jp-CodeAct-staged']);
  notebook.review.state = { sent: 'p', rejecting: '', notice: '' };
  notebook.review.changed.emit();
  expect(cell.kind).toBe('queued');
  notebook.becomes({ pending: null, items: [item('running')] });
  expect(cell.kind).toBe('running');
  notebook.becomes({ items: [item('done', { differs: true })] });
  expect(cell.kind).toBe('final');
  expect([...cell.classes]).toEqual(['jp-CodeAct-step']);
  expect(cell.model.metadata).toEqual({
    ...{ proposal: 'p', cell: 'c', step: 1, model: 'm', state: 'done', edited: false, seconds: 1, differs: true }
  });
  const shown = cell.bar?.kinds.length;
  notebook.becomes({ items: [] });
  expect(cell.bar?.kinds.length).toBe(shown); // nothing changes it any more
});

test('a step that can be undone is followed beyond its end', async () => {
  const cell = await notebook.add('c', METADATA);
  notebook.status = { undo: 'p' };
  notebook.becomes({ items: [item('done')] });
  expect(cell.kind).toBe('final');
  notebook.becomes({ items: [item('undone')] });
  expect(cell.model.metadata).toMatchObject({ state: 'undone' });
});

test('a step that was undone while the page was closed says so when it is open again', async () => {
  const cell = await notebook.add('c', { ...METADATA, state: 'done' });
  notebook.items = [item('undone', { reason: '`x` is as before' })];
  notebook.changed.emit('open');
  expect(cell.kind).toBe('final');
  expect(cell.model.metadata).toMatchObject({ state: 'undone', reason: '`x` is as before' });
});

test('an edited step keeps the proposal, so that the change can be shown later', async () => {
  const cell = await notebook.add('c', METADATA);
  notebook.becomes({ items: [item('failed', { edited: true })] });
  expect(cell.model.metadata).toMatchObject({ state: 'failed', edited: true, code: 'df' });
  const shown = cell.bar?.kinds.length ?? 0;
  cell.model.source = 'df.tail()';
  cell.model.contentChanged.emit();
  expect(cell.bar?.kinds.length).toBe(shown + 1);
});

test('typing in a step that waits updates the bar, and so does running it as one’s own cell', async () => {
  const cell = await notebook.add('c', METADATA);
  const shown = cell.bar?.kinds.length ?? 0;
  cell.model.contentChanged.emit();
  cell.model.executionCount = 3;
  cell.model.stateChanged.emit({ name: 'executionCount' });
  cell.model.stateChanged.emit({ name: 'trusted' });
  expect(cell.bar?.kinds.length).toBe(shown + 2);
});

test.each<Change>(['stream', 'status'])('a change of the %s does not touch the bars', async change => {
  const cell = await notebook.add('c', METADATA);
  const shown = cell.bar?.kinds.length;
  notebook.changed.emit(change);
  expect(cell.bar?.kinds.length).toBe(shown);
});

test('without its metadata a cell loses bar and look', async () => {
  notebook.pending = PENDING;
  const cell = await notebook.add('c', METADATA);
  cell.model.metadata = undefined;
  cell.model.metadataChanged.emit({ key: 'codeact' });
  expect([cell.bar?.isDisposed, cell.classes.size]).toEqual([true, 0]);
});

test('all bars go with the notebook', async () => {
  const cells = [await notebook.add('c', METADATA), await notebook.add('d', { ...METADATA, cell: 'd' })];
  notebook.steps.dispose();
  expect(cells.map(cell => cell.bar?.isDisposed)).toEqual([true, true]);
  expect(notebook.steps.isDisposed).toBe(true);
});
