/** The chat of one notebook: messages or a welcome, the input and the controls below it. */

import { Chat, ChatInput, ChatMessages, ChatReactContext } from '@jupyter/chat';
import * as React from 'react';

import { completions } from './completion';
import { Ended, Welcome } from './empty';
import { Footer, toolbar } from './controls';
import { replyRenderers } from './markdown';
import { preambles } from './message';
import type { ChatModel } from './model';
import { useConversation, useSignal } from './subscriptions';

/** Distance from the end, in pixels, within which the messages scroll on as they grow. */
const SCROLL_MARGIN = 24;

const messagePreambleRegistry = preambles();
const inputToolbarRegistry = toolbar();

export function ChatView({ model }: { model: ChatModel }): React.JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  useSignal(model.messagesUpdated);
  const isEmpty = model.messages.length === 0;
  const context = React.useMemo<Chat.IChatProps>(
    () => ({
      model,
      rmRegistry: replyRenderers(model.conversation.panel.content.rendermime.markdownParser, model.outputs),
      chatCommandRegistry: completions(model),
      messagePreambleRegistry,
      inputToolbarRegistry,
      area: 'sidebar'
    }),
    [model]
  );
  useKeptFocus(root);
  useLabels(root, model, isEmpty);
  usePlaceholder(root, model);
  useButtonNames(root);
  useAutoScroll(root, model, isEmpty);
  return (
    <ChatReactContext.Provider value={context}>
      <div className={model.conversation.isPast ? 'jp-CodeAct-view jp-mod-past' : 'jp-CodeAct-view'} ref={root}>
        {isEmpty ? <Welcome model={model} /> : <ChatMessages key={model.conversation.page} />}
        <Ended model={model} />
        <ChatInput model={model.input} />
        <Footer model={model} />
      </div>
    </ChatReactContext.Provider>
  );
}

/** Keep the focus where it is: the library's input takes it when it is mounted, unless it is inert. */
function useKeptFocus(root: React.RefObject<HTMLElement>): void {
  React.useLayoutEffect(() => {
    root.current?.setAttribute('inert', '');
  }, [root]);
  React.useEffect(() => {
    root.current?.removeAttribute('inert');
  }, [root]);
}

/** Add accessible names and the placeholder, which the library has no options for. */
function useLabels(root: React.RefObject<HTMLElement>, model: ChatModel, isEmpty: boolean): void {
  const { trans } = model;
  React.useEffect(() => {
    const { input } = model;
    const text = input.value;
    input.value = text; // the field is shared by all conversations: show the text of this one
    const field = root.current?.querySelector<HTMLTextAreaElement>('textarea:not([aria-hidden])');
    if (field) {
      field.ariaLabel = trans.__('Ask CodeAct');
    }
  }, [root, model, trans]);
  React.useEffect(() => {
    const list = root.current?.querySelector<HTMLElement>('.jp-chat-messages-container');
    if (list) {
      list.role = 'log';
      list.tabIndex = 0;
      list.ariaLive = 'off'; // the announcer tells each step, instead of each word
      list.ariaLabel = trans.__('Conversation');
    }
  }, [root, model, trans, isEmpty]);
}

/** Let the placeholder say what a message would do now. */
function usePlaceholder(root: React.RefObject<HTMLElement>, { conversation, trans }: ChatModel): void {
  useConversation(conversation);
  const { phase } = conversation.status;
  React.useEffect(() => {
    const field = root.current?.querySelector<HTMLTextAreaElement>('textarea:not([aria-hidden])');
    if (field) {
      field.placeholder =
        phase === 'waits'
          ? trans.__('Press Run in the step, or say here what to change')
          : trans.__('Ask about your data. @ for variables, / for commands');
    }
  }, [root, phase, trans]);
}

/** Add accessible names to the library's buttons, which have a title only and are mounted and unmounted. */
function useButtonNames(root: React.RefObject<HTMLElement>): void {
  React.useEffect(() => {
    const name = (): void => {
      root.current?.querySelectorAll<HTMLElement>('jp-button[title]').forEach(button => {
        button.ariaLabel = button.title;
      });
    };
    const observer = new MutationObserver(name);
    if (root.current) {
      observer.observe(root.current, { childList: true, subtree: true, attributeFilter: ['title'] });
    }
    return () => {
      observer.disconnect();
    };
  }, [root]);
}

/** Scroll to the end as messages grow, unless the user has scrolled away from it. A new question scrolls there, too. */
function useAutoScroll(root: React.RefObject<HTMLElement>, model: ChatModel, isEmpty: boolean): void {
  React.useEffect(() => {
    const list = root.current?.querySelector<HTMLElement>('.jp-chat-messages-container');
    const scroller = list?.parentElement?.parentElement;
    if (!list || !scroller) {
      return;
    }
    let isAtEnd = true;
    const onScroll = (): void => {
      isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < SCROLL_MARGIN;
    };
    const toEnd = (): void => {
      if (isAtEnd) {
        scroller.scrollTop = scroller.scrollHeight;
      }
    };
    const onMessages = (): void => {
      isAtEnd ||= model.messages.at(-1)?.metadata?.codeact?.kind === 'question';
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
