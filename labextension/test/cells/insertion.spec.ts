/** Placement: the cell of a step is inserted once, by the page that is to do so, and the kernel hears of it. */

import { Signal } from '@lumino/signaling';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { Insertion } from '../../src/cells/insertion';
import { Change } from '../../src/kernel/conversation';
import { IPending } from '../../src/kernel/protocol';
import { IStepMetadata, METADATA_KEY } from '../../src/review/metadata';
import { Review } from '../../src/review/review';

// These need a browser.
vi.mock('@jupyterlab/notebook', () => ({ NotebookPanel: null }));
vi.mock('../../src/review/review', () => ({ Review: null }));
vi.mock('../../src/review/cells', () => ({
  findCell: (panel: Notebook['panel'], id: string) => panel.cells.find(cell => cell.id === id) ?? null,
  insertCell: (panel: Notebook['panel'], pending: IPending) => {
    panel.cells.push(new FakeCell(pending.cell));
    return true;
  }
}));
vi.stubGlobal('document', { activeElement: null });
vi.stubGlobal('requestAnimationFrame', () => 0);

class FakeCell {
  metadata: Partial<IStepMetadata> = {};
  constructor(readonly id: string) {}
  getMetadata(): object {
    return this.metadata;
  }
  setMetadata(key: string, value: IStepMetadata): void {
    expect(key).toBe(METADATA_KEY);
    this.metadata = value;
  }
}

const PENDING = {
  proposal: 'p',
  cell: 'codeact-p',
  step: 1,
  model: 'm',
  code: 'df',
  after: null,
  page: 'here',
  nonce: 'n',
  run: false
} as unknown as IPending;

class Notebook {
  readonly changed = new Signal<this, Change>(this);
  readonly cellsChanged = new Signal<this, { type: string }>(this);
  readonly page = 'here';
  pending: IPending | null = null;
  readonly reports: string[] = [];
  readonly ran: string[] = [];
  readonly rejected: string[] = [];
  readonly model = { cells: { changed: this.cellsChanged }, deletedCells: [] as string[] };
  readonly panel = {
    cells: [] as FakeCell[],
    isDisposed: false,
    isVisible: false,
    context: { ready: Promise.resolve(), isReady: true },
    content: {
      widgets: [],
      model: this.model,
      node: { contains: () => false },
      lastClipboardInteraction: null as unknown
    }
  };
  readonly insertion = new Insertion({
    conversation: this,
    run: (pending: IPending) => this.ran.push(pending.proposal),
    reject: (reason: string) => this.rejected.push(reason),
    scroll: () => Promise.resolve()
  } as unknown as Review);

  report({ type, proposal }: { type: string; proposal: string }): void {
    this.reports.push(`${type} ${proposal}`);
  }

  waits(pending: IPending | null): void {
    this.pending = pending;
    this.changed.emit('pending');
  }

  get ids(): string[] {
    return this.panel.cells.map(({ id }) => id);
  }

  /** The cell goes, by the user's hand or in another way. */
  async loses({ deleted }: { deleted: boolean }): Promise<void> {
    this.panel.cells.length = 0;
    this.model.deletedCells = deleted ? [PENDING.cell] : [];
    this.cellsChanged.emit({ type: 'remove' });
    await Promise.resolve();
  }
}

let notebook: Notebook;

beforeEach(async () => {
  notebook = new Notebook();
  await Promise.resolve();
});

describe('the page that asked', () => {
  test('inserts the cell once, and tells the kernel each time it is told', () => {
    notebook.waits(PENDING);
    notebook.waits({ ...PENDING });
    notebook.changed.emit('open');
    expect(notebook.ids).toEqual(['codeact-p']);
    expect(notebook.reports).toEqual(['placed p', 'placed p', 'placed p']);
  });

  test('finds a cell that is there, after a reload or from another page', () => {
    notebook.panel.cells.push(new FakeCell('codeact-p'));
    notebook.waits(PENDING);
    expect(notebook.ids).toEqual(['codeact-p']);
    expect(notebook.reports).toEqual(['placed p']);
    expect(notebook.panel.cells[0].metadata).toMatchObject({ proposal: 'p', state: 'waits' });
  });

  test('does not insert again what the user has undone', async () => {
    notebook.waits(PENDING);
    await notebook.loses({ deleted: false });
    notebook.waits({ ...PENDING });
    expect(notebook.ids).toEqual([]);
    expect(notebook.rejected).toEqual([]);
  });

  test('runs the step at once in auto mode, and only once', () => {
    notebook.waits({ ...PENDING, run: true });
    notebook.waits({ ...PENDING, run: true });
    expect(notebook.ran).toEqual(['p']);
  });

  test('inserts each step of a conversation', () => {
    notebook.waits(PENDING);
    notebook.waits(null);
    notebook.waits({ ...PENDING, proposal: 'q', cell: 'codeact-q' });
    expect(notebook.ids).toEqual(['codeact-p', 'codeact-q']);
  });

  test('waits until the notebook is loaded', async () => {
    const loading = new Notebook();
    loading.panel.context.isReady = false;
    loading.waits(PENDING);
    expect(loading.ids).toEqual([]);
    loading.panel.context.isReady = true;
    await Promise.resolve();
    expect(loading.ids).toEqual(['codeact-p']);
  });
});

describe('another page', () => {
  const elsewhere = { ...PENDING, page: '', nonce: '' };

  test('inserts nothing, and reports once that it has no cell', () => {
    notebook.waits(elsewhere);
    notebook.waits({ ...elsewhere });
    expect(notebook.ids).toEqual([]);
    expect(notebook.reports).toEqual(['missing p']);
  });

  test('that shares the notebook has the cell of the other', () => {
    notebook.panel.cells.push(new FakeCell('codeact-p'));
    notebook.waits(elsewhere);
    expect(notebook.reports).toEqual(['placed p']);
  });

  test('inserts it when the kernel chooses that page', () => {
    notebook.waits(elsewhere);
    notebook.waits(PENDING);
    expect(notebook.ids).toEqual(['codeact-p']);
  });
});

describe('a cell that goes', () => {
  test('by the user’s hand rejects the step', async () => {
    notebook.waits(PENDING);
    await notebook.loses({ deleted: true });
    expect(notebook.rejected).toEqual(['']);
  });

  test('by cutting is about to be pasted', async () => {
    notebook.waits(PENDING);
    notebook.panel.content.lastClipboardInteraction = 'cut';
    await notebook.loses({ deleted: true });
    expect(notebook.rejected).toEqual([]);
  });

  test('after its step has run is none of our business', async () => {
    notebook.waits(PENDING);
    notebook.waits(null);
    await notebook.loses({ deleted: true });
    expect(notebook.rejected).toEqual([]);
  });
});

test('nothing is inserted into a notebook that was closed', () => {
  notebook.panel.isDisposed = true;
  notebook.waits(PENDING);
  notebook.insertion.dispose();
  expect([notebook.ids, notebook.reports]).toEqual([[], []]);
  expect(notebook.insertion.isDisposed).toBe(true);
});
