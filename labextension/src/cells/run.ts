/** Sends a step's cell to the kernel together with the approval of exactly what is sent. */

import { CodeCell } from '@jupyterlab/cells';
import { NotebookPanel } from '@jupyterlab/notebook';
import { KernelMessage } from '@jupyterlab/services';

import { APPROVAL_KEY } from '../protocol';
import { sha256 } from './hash';

/** Resolves with the kernel's reply; with null when the run was cancelled, by an interrupt before it or a restart. */
export async function runApproved(
  panel: NotebookPanel,
  cell: CodeCell,
  nonce: string
): Promise<KernelMessage.IExecuteReplyMsg | null> {
  const deletedCells = panel.content.model?.deletedCells ?? [];
  try {
    const reply = await CodeCell.execute(cell, panel.sessionContext, {
      deletedCells,
      recordTiming: panel.content.notebookConfig.recordTiming,
      [APPROVAL_KEY]: { nonce, sha256: sha256(cell.model.sharedModel.getSource()) }
    });
    deletedCells.splice(0, deletedCells.length);
    return reply ?? null;
  } catch (error) {
    if (cell.isDisposed || (error instanceof Error && error.message.startsWith('Canceled'))) {
      return null;
    }
    throw error;
  }
}
