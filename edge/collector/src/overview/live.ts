/** The script that keeps the overview fresh: it loads the page again and takes over its figures. */

/**
 * The script's text. The page is parsed by the browser as a document of its own, which runs nothing and needs no
 * HTML made from text. It waits while the page is hidden, while somebody reads a table, and when paused.
 */
export const live = `'use strict';
(() => {
  const button = document.querySelector('[data-pause]');
  let paused = false;
  const refresh = () => {
    if (paused || document.hidden || document.querySelector('details[open]')) return;
    const request = new XMLHttpRequest();
    request.open('GET', location.href);
    request.responseType = 'document';
    request.onload = () => {
      if (request.status === 401) location.reload();
      const next = request.response && request.response.querySelector('main[data-live]');
      if (request.status !== 200 || !next) return;
      for (const part of document.querySelectorAll('[data-part]')) {
        const fresh = request.response.querySelector('[data-part="' + part.dataset.part + '"]');
        if (fresh && fresh.textContent !== part.textContent) part.replaceWith(document.adoptNode(fresh));
      }
    };
    request.send();
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    paused = !paused;
    button.textContent = paused ? button.dataset.resume : button.dataset.pause;
    button.setAttribute('aria-pressed', String(paused));
    refresh();
  });
  document.addEventListener('visibilitychange', refresh);
  setInterval(refresh, 15000);
})();
`
