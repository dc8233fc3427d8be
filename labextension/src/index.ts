import { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { commands } from './commands';

const plugins: JupyterFrontEndPlugin<void>[] = [commands];

export default plugins;
