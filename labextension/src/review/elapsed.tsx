/** What goes on, and for how long. */

import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

interface IProps {
  label: string;
  /** Time at which it began, in milliseconds since the epoch; null if that is unknown. */
  since: number | null;
  trans: TranslationBundle;
}

/** The label, and the seconds since then. */
export function Elapsed({ label, since, trans }: IProps): React.JSX.Element {
  const [now, setNow] = React.useState(() => Date.now());
  React.useEffect(() => {
    if (since === null) {
      return undefined;
    }
    const timer = window.setTimeout(() => setNow(Date.now()), 1000);
    return () => window.clearTimeout(timer);
  }, [since, now]);
  const seconds = since === null ? 0 : Math.round((now - since) / 1000);
  return <span>{seconds > 0 ? trans.__('%1 · %2 s', label, seconds) : label}</span>;
}
