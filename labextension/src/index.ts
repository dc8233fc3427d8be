/** The plugins of the extension. */

import { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { cells } from './cells/plugin';
import { chat } from './chat/plugin';
import { announcer } from './shell/announcer';
import { commands } from './shell/commands';
import { conversations } from './shell/conversations';
import { record } from './shell/record';
import { settings } from './shell/settings';
import { status } from './shell/status';
import { waiting } from './shell/waiting';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  settings,
  conversations,
  cells,
  chat,
  commands,
  record,
  status,
  waiting,
  announcer
];

export default plugins;
