/**
 * What happens to the page, as far as a connection cares: the network is back, somebody looks at it,
 * it goes into or comes out of the back/forward cache. Works in workers too, where less happens.
 */

/**
 * @param {{onWake: () => void, onHide: () => void, onShow: () => void}} handlers `onHide`: the page may be
 *   frozen now and must hold no connection; `onShow`: it is back after all
 * @param {EventTarget & {document?: Document}} scope
 * @returns {() => void} stops watching
 */
export function watchPage({ onWake, onHide, onShow }, scope = globalThis) {
  const { document } = scope;
  const wake = () => document?.visibilityState !== 'hidden' && onWake();
  const show = ({ persisted }) => persisted && onShow();
  scope.addEventListener?.('online', wake);
  scope.addEventListener?.('pagehide', onHide);
  scope.addEventListener?.('pageshow', show);
  document?.addEventListener('visibilitychange', wake);
  return () => {
    scope.removeEventListener?.('online', wake);
    scope.removeEventListener?.('pagehide', onHide);
    scope.removeEventListener?.('pageshow', show);
    document?.removeEventListener('visibilitychange', wake);
  };
}
