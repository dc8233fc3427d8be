/** Reviewing: what approves a step, what keeps it from running, and what the user is told then. */

import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { Change, Conversation } from '../../src/kernel/conversation';
import { IPending } from '../../src/kernel/protocol';
import { approve, openReject, reveal, Review, show } from '../../src/review/review';

const fakes = vi.hoisted(() => ({
  CodeCell: class {
    readonly isCode = true;
  },
  executed: { connect: vi.fn() },
  run: vi.fn(),
  insert: vi.fn(),
  show: vi.fn(),
  isRead: true
}));
// These need a browser.
vi.mock('@jupyterlab/cells', () => ({ CodeCell: fakes.CodeCell }));
vi.mock('@jupyterlab/notebook', () => ({ NotebookActions: { executed: fakes.executed } }));
vi.mock('../../src/review/approval', () => ({ runApproved: fakes.run }));
vi.mock('../../src/review/cells', () => ({ insertCell: fakes.insert, showCell: fakes.show }));
vi.mock('../../src/review/reading', () => ({
  Reading: class {
    get isDone(): boolean {
      return fakes.isRead;
    }
    start = vi.fn();
    stop = vi.fn();
  },
  shownPart: () => null
}));

const PENDING = { proposal: 'p', cell: 'c', nonce: 'n', page: 'here' } as IPending;
const CLICK = { isTrusted: true } as Event;

/** A notebook in which a step waits, and the cell of it. */
class Notebook {
  readonly changed = new Signal<this, Change>(this);
  pending: IPending | null = PENDING;
  source = 'df';
  readonly reports: object[] = [];
  readonly rejected: string[] = [];
  activated = 0;
  cell = Object.assign(new fakes.CodeCell(), {
    inputHidden: true,
    isDisposed: false,
    ready: Promise.resolve(),
    node: { focus: vi.fn() },
    editor: { focus: vi.fn() },
    model: { id: 'c', sharedModel: { getSource: () => this.source } }
  });
  readonly panel = {
    isVisible: true,
    context: { ready: Promise.resolve() },
    sessionContext: {
      session: { kernel: { status: 'idle' } as { status: string } | null },
      isTerminating: false,
      pendingInput: false
    },
    content: {
      widgets: [this.cell] as object[],
      activeCellIndex: -1,
      mode: '',
      deselectAll: vi.fn(),
      scrollToItem: vi.fn(() => Promise.resolve())
    }
  };
  readonly review = new Review(
    this as unknown as Conversation,
    () => this.activated++,
    nullTranslator.load('codeact_jupyter')
  );

  report(message: object): void {
    this.reports.push(message);
  }

  reject(_: string, reason: string): Promise<void> {
    this.rejected.push(reason);
    return Promise.resolve();
  }

  get conversation(): Conversation {
    return this as unknown as Conversation;
  }

  /** Another step waits, or none. */
  waits(pending: IPending | null): void {
    this.pending = pending;
    this.changed.emit('pending');
  }
}

beforeEach(() => {
  fakes.run.mockReset().mockResolvedValue({ content: { status: 'ok' } });
  fakes.insert.mockReset();
  fakes.isRead = true;
});

test.each([true, false])('a cell is shown in its notebook, which comes to the front if needed: %j', async isVisible => {
  const notebook = new Notebook();
  notebook.panel.isVisible = isVisible;
  await show(notebook.conversation, 'other');
  expect(fakes.show).toHaveBeenLastCalledWith(notebook.panel, 'other');
  expect(notebook.activated).toBe(isVisible ? 0 : 1);
});

describe('a step', () => {
  test('runs with its nonce when the user approves it', async () => {
    const notebook = new Notebook();
    await approve(notebook.conversation, CLICK);
    expect(fakes.run.mock.calls).toEqual([[notebook.panel, notebook.cell, 'n']]);
    expect(notebook.review.state).toEqual({ sent: '', rejecting: '', notice: '' });
  });

  test('runs once, however often it is approved while the kernel is busy', async () => {
    const notebook = new Notebook();
    let end: (reply: null) => void = () => undefined;
    fakes.run.mockReturnValue(new Promise(done => (end = done)));
    const first = approve(notebook.conversation, CLICK);
    expect(notebook.review.state.sent).toBe('p');
    await approve(notebook.conversation, CLICK);
    end(null);
    await first;
    expect(fakes.run).toHaveBeenCalledTimes(1);
    expect(notebook.review.state.sent).toBe('');
  });

  test.each([
    ['a script', { isTrusted: false } as Event, PENDING],
    ['a click after it has gone', CLICK, null]
  ])('does not run by %s', async (_, event, pending) => {
    const notebook = new Notebook();
    notebook.pending = pending;
    await approve(notebook.conversation, event);
    expect(fakes.run).not.toHaveBeenCalled();
  });

  test('that was not in view is shown first, and its user told why', async () => {
    const notebook = new Notebook();
    fakes.isRead = false;
    await approve(notebook.conversation, CLICK);
    expect(fakes.run).not.toHaveBeenCalled();
    expect(notebook.review.state.notice).toMatch(/^Not run yet/);
    expect(notebook.activated).toBe(1);
    expect(notebook.cell.inputHidden).toBe(false);
  });

  test('whose cell is lost is inserted again before it can run', async () => {
    const notebook = new Notebook();
    notebook.panel.content.widgets = [];
    fakes.insert.mockImplementation(() => notebook.panel.content.widgets.push(notebook.cell));
    await approve(notebook.conversation, CLICK);
    expect(fakes.insert).toHaveBeenCalledTimes(1);
    expect(fakes.run).not.toHaveBeenCalled();
    await approve(notebook.conversation, CLICK);
    expect(fakes.run).toHaveBeenCalledTimes(1);
  });

  test.each<[string, (notebook: Notebook) => void, RegExp]>([
    ['an empty cell', notebook => (notebook.source = ' \n'), /empty/],
    ['a dead kernel', notebook => (notebook.panel.sessionContext.session.kernel = { status: 'dead' }), /has ended/],
    ['no kernel', notebook => (notebook.panel.sessionContext.session.kernel = null), /has ended/],
    ['a kernel that ends', notebook => (notebook.panel.sessionContext.isTerminating = true), /has ended/],
    ['an open input', notebook => (notebook.panel.sessionContext.pendingInput = true), /input/]
  ])('does not run with %s, and says so', async (_, change, notice) => {
    const notebook = new Notebook();
    change(notebook);
    await approve(notebook.conversation, CLICK);
    expect(fakes.run).not.toHaveBeenCalled();
    expect(notebook.review.state.notice).toMatch(notice);
  });

  test('that waits in another tab is asked for', async () => {
    const notebook = new Notebook();
    notebook.pending = { ...PENDING, nonce: '' };
    await approve(notebook.conversation, CLICK);
    expect(fakes.run).not.toHaveBeenCalled();
    expect(notebook.reports).toEqual([{ type: 'missing', proposal: 'p' }]);
    expect(notebook.review.state.notice).toMatch(/tab that asked/);
  });

  test.each<[string, () => void, string]>([
    [
      'a refusal of the kernel',
      () => fakes.run.mockResolvedValue({ content: { status: 'error', evalue: 'Old.' } }),
      'Old.'
    ],
    ['an error of the page', () => fakes.run.mockRejectedValue(new Error('Gone.')), 'Gone.'],
    ['an interrupt', () => fakes.run.mockResolvedValue(null), '']
  ])('tells %s', async (_, prepare, notice) => {
    const notebook = new Notebook();
    prepare();
    await approve(notebook.conversation, CLICK);
    expect(notebook.review.state).toEqual({ sent: '', rejecting: '', notice });
  });
});

describe('a rejection', () => {
  test('opens its form at the cell, and is sent with the reason', async () => {
    const notebook = new Notebook();
    await openReject(notebook.conversation);
    expect(notebook.review.state.rejecting).toBe('p');
    expect(notebook.panel.content.mode).toBe('command');
    await notebook.review.reject('Use the median.');
    expect(notebook.rejected).toEqual(['Use the median.']);
    expect(notebook.review.state.rejecting).toBe('');
  });
});

test('a notice and a form belong to one step', async () => {
  const notebook = new Notebook();
  notebook.changed.emit('pending');
  await openReject(notebook.conversation);
  notebook.waits({ ...PENDING, proposal: 'q' });
  expect(notebook.review.state).toMatchObject({ rejecting: '', notice: '' });
});

test('Edit puts the cursor into the code', async () => {
  const notebook = new Notebook();
  await reveal(notebook.conversation, { edit: true });
  expect(notebook.panel.content.mode).toBe('edit');
  expect(notebook.cell.editor.focus).toHaveBeenCalled();
});

test('nothing is reviewed after the notebook is closed', async () => {
  const notebook = new Notebook();
  notebook.review.dispose();
  await approve(notebook.conversation, CLICK);
  expect(fakes.run).not.toHaveBeenCalled();
  expect(Review.of(notebook.conversation)).toBe(undefined);
});
