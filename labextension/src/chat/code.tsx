/** Python code with the colours of JupyterLab's editor. */

import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import * as React from 'react';

const MIME_TYPE = 'text/x-ipython';

interface IProps {
  code: string;
  languages: IEditorLanguageRegistry | null;
}

/** Plain text at first, and the same text in colours as soon as the language is loaded. */
export function Code({ code, languages }: IProps): React.JSX.Element {
  const shown = React.useRef<HTMLPreElement>(null);
  React.useLayoutEffect(() => {
    const node = shown.current;
    if (!node) {
      return undefined;
    }
    let isCurrent = true;
    node.textContent = code;
    void coloured(code, languages).then(parts => {
      if (isCurrent && parts) {
        node.replaceChildren(parts);
      }
    });
    return () => {
      isCurrent = false;
    };
  }, [code, languages]);
  return <pre ref={shown} className="jp-CodeAct-card-code" />;
}

/** Return the code as highlighted elements; null if they do not hold exactly this text, or there is no highlighter. */
async function coloured(code: string, languages: IEditorLanguageRegistry | null): Promise<DocumentFragment | null> {
  const language = languages?.findByMIME(MIME_TYPE);
  if (!languages || !language) {
    return null;
  }
  const parts = document.createElement('pre');
  try {
    await languages.highlight(code, language, parts);
  } catch {
    return null; // the language cannot be loaded
  }
  const fragment = document.createDocumentFragment();
  fragment.append(...parts.childNodes);
  return fragment.textContent === code ? fragment : null;
}
