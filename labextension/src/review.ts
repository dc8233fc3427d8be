/** What the user does with a waiting step, from its bar, from its card in the chat, or by key. */

import { Conversation } from './conversation';

/**
 * Approves the step as its cell shows it at this moment, and runs it. Only a trusted event approves; for any other,
 * and where nothing waits, it does nothing. Resolves when the cell has run.
 */
export async function approve(_conversation: Conversation, _event: Event): Promise<void> {
  return;
}

/** Brings the waiting step's notebook and cell into view; with `edit` the cursor goes into its editor. */
export async function reveal(_conversation: Conversation, _options: { edit?: boolean } = {}): Promise<void> {
  return;
}
