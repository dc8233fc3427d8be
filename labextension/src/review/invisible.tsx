/** Invisible characters in a step's code: one line, and below it when opened the lines that have some, with escapes. */

import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { told } from './labels';

interface IProps {
  /** As the kernel writes it: `IStep.invisible`. */
  note: string;
  trans: TranslationBundle;
}

export function InvisibleNote({ note, trans }: IProps): React.JSX.Element {
  const [line, ...lines] = note.split('\n');
  return (
    <details className="jp-CodeAct-trial jp-CodeAct-invisible">
      <summary className="jp-CodeAct-trial-line">{told(line, trans)}</summary>
      <div
        className="jp-CodeAct-trial-content"
        role="region"
        tabIndex={0}
        aria-label={trans.__('Lines with invisible characters')}
      >
        <pre>{lines.join('\n')}</pre>
      </div>
    </details>
  );
}
