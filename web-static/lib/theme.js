/**
 * Light or dark: the system's choice unless the reader made one, which all tabs then follow.
 */

const KEY = 'signalbox:theme';
const dark = globalThis.matchMedia('(prefers-color-scheme: dark)');

/** @returns {'light'|'dark'} what is in force */
export function currentTheme() {
  return document.documentElement.dataset.theme;
}

/** Switches to the other theme and remembers it. */
export function toggleTheme() {
  localStorage.setItem(KEY, currentTheme() === 'dark' ? 'light' : 'dark');
  apply();
}

/** Puts the theme in force and keeps it right when the system or another tab changes it. */
export function followTheme() {
  apply();
  dark.addEventListener('change', apply);
  globalThis.addEventListener('storage', (event) => event.key === KEY && apply());
}

function apply() {
  const chosen = localStorage.getItem(KEY);
  const theme = chosen === 'light' || chosen === 'dark' ? chosen : (dark.matches && 'dark') || 'light';
  document.documentElement.dataset.theme = theme;
  document.dispatchEvent(new Event('themechange'));
}
