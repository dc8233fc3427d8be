/** What the user does with a waiting step, from its bar, from its card in the chat, or by key. */

import { Reviewing } from './cells/reviewing';
import { Conversation } from './conversation';

/**
 * Approves the step as its cell shows it at this moment, and runs it. Only a trusted event approves; for any other,
 * and where nothing waits, it does nothing. Where the notebook has lost the cell, it is put back for the user to read.
 * Resolves when the cell has run.
 */
export async function approve(conversation: Conversation, event: Event): Promise<void> {
  const { pending } = conversation;
  const reviewing = Reviewing.of(conversation);
  if (!event.isTrusted || !pending || !reviewing) {
    return;
  }
  await (reviewing.cell ? reviewing.run(pending) : reviewing.reveal());
}

/** Brings the waiting step's notebook and cell into view; with `edit` the cursor goes into its editor. */
export async function reveal(conversation: Conversation, { edit = false }: { edit?: boolean } = {}): Promise<void> {
  await Reviewing.of(conversation)?.reveal(edit);
}

/** Leads to the waiting step, and opens the form for the reason there. */
export async function openReject(conversation: Conversation): Promise<void> {
  await reveal(conversation);
  Reviewing.of(conversation)?.askReason(true);
}
