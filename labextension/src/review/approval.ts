/** Approval of a step: the cell is sent to the kernel with a nonce and the digest of the source that is sent. */

import { CodeCell } from '@jupyterlab/cells';
import { NotebookPanel } from '@jupyterlab/notebook';
import { KernelMessage } from '@jupyterlab/services';
import { sha256 as digest } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';

import { APPROVAL_KEY } from '../kernel/protocol';

/** Run the cell. Resolve with the kernel's reply, or with null if an interrupt or a restart cancelled the run. */
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

/** Return the digest of the text's UTF-8 in hexadecimal. `crypto.subtle` is missing on pages served by plain HTTP. */
export function sha256(text: string): string {
  return bytesToHex(digest(utf8ToBytes(text)));
}
