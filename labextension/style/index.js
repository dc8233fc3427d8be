import '@jupyter/chat/style/index.js';

import './index.css';
