/** A button that copies a text to the clipboard, and says so. */

import { Clipboard } from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

/** Time for which the button says that it has copied, in milliseconds. */
const TOLD = 2000;

interface IProps {
  text: string;
  label?: string;
  trans: TranslationBundle;
}

export function CopyButton({ text, label, trans }: IProps): React.JSX.Element {
  const [isCopied, setCopied] = React.useState(false);
  React.useEffect(() => {
    if (!isCopied) {
      return undefined;
    }
    const timer = window.setTimeout(() => setCopied(false), TOLD);
    return () => window.clearTimeout(timer);
  }, [isCopied]);
  return (
    <button
      type="button"
      className="jp-CodeAct-button jp-mod-link"
      onClick={() => {
        Clipboard.copyToSystem(text);
        setCopied(true);
      }}
    >
      {isCopied ? trans.__('Copied') : (label ?? trans.__('Copy'))}
    </button>
  );
}
