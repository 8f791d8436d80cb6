/**
 * The dashboard's entry point.
 *
 * Hooks that end-to-end tests may rely on (`data-testid`, with further data attributes in brackets):
 *
 * - sign-in: `login-tenant`, `login-email`, `login-password`, `login-submit`; `sign-out`
 * - `connection-state` [data-state = online | degraded | connecting | offline | signed-out]
 * - navigation: `nav-flows`, `nav-inbox`, `nav-assets`
 * - flows: `flow-list`, `flow-row` [data-flow-id, data-status], `new-flow` (opens the dialog),
 *   `upload-title`, `upload-file` (the file input), `upload-submit`
 * - flow page: `flow-status` [data-status], `step-<node id>` (SVG group) [data-status]; a step the
 *   server has no entry for yet is `pending`; `flow-cancel`, `flow-retry`
 * - prompts: `prompt-card` [data-prompt-id, data-step, data-status], `prompt-verb-<verb>` with verb
 *   approve | edit | reject | respond | ignore, `prompt-reason`, `prompt-claim`, `prompt-notice`
 * - assets: `asset-row`
 */

import './elements/app-shell.js';
import './elements/toast-list.js';
import { followTheme } from './lib/theme.js';

followTheme();
