/** The end of the conversation stays in view while it grows, unless the user has scrolled away from it. */

import { RefObject, useEffect } from 'react';

import type { ChatModel } from './model';

/** In pixels: nearer to the end than this is at the end. */
const NEAR = 24;

export function usePinned(root: RefObject<HTMLElement>, model: ChatModel, isEmpty: boolean): void {
  useEffect(() => {
    const list = root.current?.querySelector<HTMLElement>('.jp-chat-messages-container');
    const scroller = list?.parentElement?.parentElement;
    if (!list || !scroller) {
      return;
    }
    let isPinned = true;
    const onScroll = (): void => {
      isPinned = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
    };
    const toEnd = (): void => {
      if (isPinned) {
        scroller.scrollTop = scroller.scrollHeight;
      }
    };
    const onMessages = (): void => {
      isPinned ||= model.messages.at(-1)?.metadata?.codeact?.kind === 'question';
    };
    const observer = new ResizeObserver(toEnd);
    observer.observe(list);
    observer.observe(scroller);
    scroller.addEventListener('scroll', onScroll);
    model.messagesUpdated.connect(onMessages);
    return () => {
      observer.disconnect();
      scroller.removeEventListener('scroll', onScroll);
      model.messagesUpdated.disconnect(onMessages);
    };
  }, [root, model, isEmpty]);
}
