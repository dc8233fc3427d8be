/** The icon of the chat: a cell with a prompt in it. */

import { LabIcon } from '@jupyterlab/ui-components';

export const chatIcon = new LabIcon({
  name: 'codeact-jupyter:chat',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 22 22">
  <g class="jp-icon3" fill="#616161">
    <path d="M3 3h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-8l-4 4v-4H3a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zm1 2v9h14V5z"/>
    <path d="M7 6.5l3.2 3-3.2 3-1.1-1.2 1.9-1.8-1.9-1.8zM11 11h4.5v1.5H11z"/>
  </g>
</svg>`
});
