/** The outputs of a step's cell as the notebook shows them, figures included. */

import { ICodeCellModel } from '@jupyterlab/cells';
import { NotebookPanel } from '@jupyterlab/notebook';
import { OutputArea, SimplifiedOutputArea } from '@jupyterlab/outputarea';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

interface IProps {
  cell: ICodeCellModel;
  panel: NotebookPanel;
}

export function Outputs({ cell, panel }: IProps): React.JSX.Element {
  const host = React.useRef<HTMLDivElement>(null);
  // A layout effect ends while the element is still on the page, as a widget needs.
  React.useLayoutEffect(() => {
    if (!host.current) {
      return undefined;
    }
    const area = new SimplifiedOutputArea({
      model: cell.outputs,
      rendermime: panel.content.rendermime,
      contentFactory: OutputArea.defaultContentFactory
    });
    Widget.attach(area, host.current);
    return () => area.dispose();
  }, [cell, panel]);
  return <div ref={host} className="jp-CodeAct-card-output" />;
}
