/** What people read of an event: its group, the step it is about, one line of what it says. */

import { brief, label } from './format.js';

/** The groups of events, in the order in which they are offered. */
export const EVENT_GROUPS = {
  '': { label: 'All events', fits: () => true },
  steps: { label: 'Steps', fits: (type) => type.startsWith('STEP_') },
  runs: { label: 'Runs', fits: (type) => type.startsWith('RUN_') },
  state: { label: 'State', fits: (type) => type.startsWith('STATE_') },
  messages: { label: 'Messages and tools', fits: (type) => /^(TEXT_|TOOL_|REASONING_|MESSAGES_|ACTIVITY_)/.test(type) },
  custom: { label: 'Custom', fits: (type) => type === 'CUSTOM' || type === 'RAW' },
};

/** The name of the step that an event is about, or nothing. */
export function stepOf(event) {
  return event.stepName ?? event.metadata?.signalbox?.step ?? event.value?.step ?? '';
}

/** What an event says, in one line. */
export function describe(event) {
  switch (event.type) {
    case 'STATE_DELTA': {
      const paths = [...new Set((event.delta ?? []).map(({ path }) => path))];
      return paths.slice(0, 3).join(', ') + (paths.length > 3 ? ` and ${paths.length - 3} more` : '');
    }
    case 'RUN_FINISHED': return label(event.outcome?.type ?? 'success');
    case 'RUN_ERROR': return event.message ?? '';
    case 'CUSTOM': return [event.name, stepOf(event)].filter(Boolean).join(' · ');
    case 'TEXT_MESSAGE_CONTENT': return brief(event.delta ?? '', 120);
    case 'TOOL_CALL_START': return event.toolCallName ?? '';
    case 'TOOL_CALL_ARGS': return brief(event.delta ?? '', 120);
    case 'TOOL_CALL_RESULT': return brief(event.content ?? '', 120);
    default: return stepOf(event);
  }
}

/** When an event happened, as far as it says. */
export function timeOf(event) {
  return typeof event?.timestamp === 'number' ? new Date(event.timestamp) : undefined;
}
