/** What the user changed, as a list of lines with signs: no colour alone tells them apart. */

import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { ILine, lineDiff } from './diff';

const LOOK: { [sign in ILine['sign']]: string } = { '+': 'jp-mod-added', '-': 'jp-mod-removed', ' ': '' };

export function DiffView(props: { proposed: string; now: string; trans: TranslationBundle }): React.JSX.Element {
  const { proposed, now, trans } = props;
  return (
    <pre
      className="jp-CodeAct-diff"
      role="region"
      tabIndex={0}
      aria-label={trans.__('What you changed in the proposal')}
    >
      {lineDiff(proposed, now).map(({ sign, text }, index) => (
        <span key={index} className={LOOK[sign]}>{`${sign} ${text}`}</span>
      ))}
    </pre>
  );
}
