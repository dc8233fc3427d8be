/** What the chat sends to the kernel, and what it shows and puts back if that fails. */

import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { beforeEach, expect, test, vi } from 'vitest';

import { ChatModel } from '../../src/chat/model';
import { Change, Conversation } from '../../src/kernel/conversation';
import { Settings } from '../../src/shell/settings';
import { stored, stubWindow } from '../kernel/fake-kernel';

// These need a browser.
vi.mock('@jupyter/chat', () => ({
  AbstractChatContext: Object,
  AbstractChatModel: class {
    messages: unknown[] = [];
    input = { value: '' };
    setReady(): void {}
    dispose(): void {}
    messagesInserted(index: number, added: unknown[]): void {
      this.messages.splice(index, 0, ...added);
    }
    messagesDeleted(index: number, count: number): void {
      this.messages.splice(index, count);
    }
  }
}));
vi.mock('@jupyterlab/apputils', () => ({ Dialog: {}, showDialog: () => undefined }));
vi.mock('@jupyterlab/cells', () => ({ isCodeCellModel: () => true }));
vi.mock('../../src/chat/markdown', () => ({ replyBundle: (text: string) => text }));
vi.mock('../../src/review/cells', () => ({ lightOutput: () => undefined }));
vi.mock('../../src/review/review', () => ({ show: () => undefined }));
vi.mock('../../src/kernel/cell-text', () => ({
  failureOf: ({ failure }: ICell) => failure,
  toText: ({ source }: ICell) => ({ source, output: 'whole output' })
}));
vi.mock('../../src/chat/notebook', () => ({
  codeCells: ({ model }: { model: { cells: ICell[] } }) => model.cells,
  lastFailed: ({ model }: { model: { cells: ICell[] } }) => model.cells.find(({ failure }) => failure),
  mentionables: ({ model }: { model: { cells: ICell[] } }) => model.cells.map(({ source }) => ({ count: null, source }))
}));

interface ICell {
  id: string;
  source: string;
  failure: string | null;
  sharedModel: { getSource(): string };
}

function cell(id: string, source: string, failure: string | null = null): ICell {
  return { id, source, failure, sharedModel: { getSource: () => source } };
}

/** A notebook of three cells, of which the first is selected and the second has failed, and what it is asked. */
class Notebook {
  readonly changed = new Signal<this, Change>(this);
  readonly asked: { text: string; options: object }[] = [];
  readonly cells = [cell('a', 'x = 1'), cell('b', 'x / 0', 'ZeroDivisionError'), cell('c', '')];
  readonly panel = {
    model: { cells: this.cells },
    content: { activeCell: { model: this.cells[0] } },
    context: { path: 'it.ipynb' },
    disposed: new Signal<object, void>({}),
    sessionContext: {
      kernelChanged: new Signal<object, void>({}),
      sessionChanged: new Signal<object, void>({}),
      statusChanged: new Signal<object, void>({}),
      ready: new Promise<void>(() => undefined),
      session: null
    }
  };
  isOpen = true;
  items = [];
  stream = null;
  status = { phase: 'idle', ended: '' };
  pending: { cell: string } | null = null;
  problem = '';

  ask(text: string, options: object): Promise<void> {
    this.asked.push({ text, options });
    return this.problem ? Promise.reject(new Error(this.problem)) : Promise.resolve();
  }

  readonly chat = new ChatModel(
    this as unknown as Conversation,
    nullTranslator.load(''),
    { position: 'cell' } as unknown as Settings,
    null
  );

  async sends(body: string): Promise<void> {
    await this.chat.sendMessage({ body });
    await new Promise(done => setTimeout(done, 0));
  }
}

stubWindow();
beforeEach(() => stored.clear());

test('a question goes below the selected cell, with the cells that it mentions', async () => {
  const notebook = new Notebook();
  await notebook.sends('What is wrong in @cell2?');
  const cells = [{ source: 'x / 0', output: 'whole output' }];
  expect(notebook.asked).toEqual([{ text: 'What is wrong in cell [2]?', options: { after: 'a', cells } }]);
});

test('a message while a step waits is about that step', async () => {
  const notebook = new Notebook();
  notebook.pending = { cell: 'c' };
  await notebook.sends('with pandas');
  expect(notebook.asked).toEqual([{ text: 'with pandas', options: { after: 'c', cells: [] } }]);
});

test('/fix sends the cell that failed, with its error alone', async () => {
  const notebook = new Notebook();
  await notebook.sends('/fix quickly');
  const options = { kind: 'fix', after: 'b', cells: [{ source: 'x / 0', output: 'ZeroDivisionError' }] };
  expect(notebook.asked).toEqual([{ text: 'quickly', options }]);
});

test('/explain sends the selected cell with all that it shows', async () => {
  const notebook = new Notebook();
  await notebook.sends('/explain');
  const options = { kind: 'explain', after: 'a', cells: [{ source: 'x = 1', output: 'whole output' }] };
  expect(notebook.asked).toEqual([{ text: '', options }]);
});

test('a request about a cell that was deleted while it waited is put back, with the reason', async () => {
  const notebook = new Notebook();
  notebook.status = { phase: 'thinking', ended: '' };
  await notebook.sends('/explain');
  expect(notebook.asked).toEqual([]);
  notebook.cells.splice(0, 1);
  notebook.status = { phase: 'idle', ended: 'answered' };
  notebook.changed.emit('status');
  await new Promise(done => setTimeout(done, 0));
  expect(notebook.asked).toEqual([]);
  expect(notebook.chat.input.value).toBe('/explain');
  expect(JSON.stringify(notebook.chat.messages)).toContain('no longer in the notebook');
});

test('what the kernel refuses is put back before what is typed meanwhile', async () => {
  const notebook = new Notebook();
  notebook.problem = 'busy';
  notebook.chat.input.value = 'next';
  await notebook.sends('first');
  expect(notebook.chat.input.value).toBe('first\nnext');
  expect(JSON.stringify(notebook.chat.messages)).toContain('busy');
});
