/** The script of the SharedWorker: all tabs of one person share the client that lives here. */

import { SignalboxClient } from '../signalbox.js';
import { TabHub } from './tab-hub.js';

const hub = new TabHub((options) => new SignalboxClient(options), { locks: navigator.locks });

globalThis.addEventListener('connect', ({ ports: [port] }) => hub.connect(port));
