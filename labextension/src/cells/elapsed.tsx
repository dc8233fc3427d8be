/** "running", and for how long. */

import { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

/** `since` in milliseconds since the epoch, or null when nobody knows. */
export function Elapsed({ since, trans }: { since: number | null; trans: TranslationBundle }): React.JSX.Element {
  const [now, setNow] = React.useState(since ?? 0);
  React.useEffect(() => {
    if (since === null) {
      return undefined;
    }
    const timer = window.setTimeout(() => setNow(Date.now()), 1000);
    return () => window.clearTimeout(timer);
  }, [since, now]);
  const seconds = since === null ? 0 : Math.round((now - since) / 1000);
  return <span>{seconds > 0 ? trans.__('running · %1 s', seconds) : trans.__('running')}</span>;
}
