/** The user's changes of a step as lines with signs, so that they differ in more than colour. */

import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { ILine, lineDiff } from './diff';

/** Class of a line of the difference. */
const LINE_CLASS: { [sign in ILine['sign']]: string } = { '+': 'jp-mod-added', '-': 'jp-mod-removed', ' ': '' };

interface IProps {
  proposed: string;
  now: string;
  trans: TranslationBundle;
}

export function DiffView({ proposed, now, trans }: IProps): React.JSX.Element {
  return (
    <pre className="jp-CodeAct-diff" role="region" tabIndex={0} aria-label={trans.__('Your changes to the proposal')}>
      {lineDiff(proposed, now).map(({ sign, text }, index) => (
        <span key={index} className={LINE_CLASS[sign]}>{`${sign} ${text}`}</span>
      ))}
    </pre>
  );
}
