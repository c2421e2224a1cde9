// What the open pages of the desk share: they hear that something changed, ask for themselves again, and take the parts over.
// Without JavaScript, or behind a proxy that holds streams back, the pages still work: by polling, or by the reload button.
const place = document.querySelector('#page');
const word = document.querySelector('#live');
const POLL = 5000, SILENCE = 35000, SOON = Number(place.dataset.soon);
let polling = 0, asked = 0, again = false, heardAt = Date.now();

export const listeners = [];

function say(kind) { if (word) word.textContent = word.dataset[`${kind}Word`]; }

// A part in which somebody is at work is left alone; the next news comes soon enough.
const busy = (part) => part.contains(document.activeElement) && part.matches(':has(:focus)') && !part.matches('#talk');

async function refresh() {
  if (asked) { again = true; return; }
  asked = 1;
  const began = Date.now();
  try {
    const response = await fetch(place.dataset.live, { headers: { Accept: 'text/html' }, redirect: 'error' });
    if (response.status === 401 || response.status === 403) { location.reload(); return; }
    if (!response.ok) throw new Error(String(response.status));
    take(new DOMParser().parseFromString(await response.text(), 'text/html'));
    if (polling) say('poll');
  } catch { say('lost'); }
  // A service that takes its time is asked less often: a fifth of the time at most is spent waiting for it.
  setTimeout(() => { asked = 0; if (again) { again = false; refresh(); } }, Math.max(SOON, 4 * (Date.now() - began)));
}

function take(page) {
  for (const part of document.querySelectorAll('[id][data-live]:not(#page)')) {
    const fresh = page.getElementById(part.id);
    if (!fresh || busy(part) || fresh.isEqualNode(part)) continue;
    const low = part.scrollHeight - part.scrollTop - part.clientHeight < 80;
    part.replaceChildren(...fresh.childNodes);
    if (low) part.scrollTop = part.scrollHeight;
  }
  document.title = page.title;
  for (const listener of listeners) listener(page);
}

function poll(on) {
  if (on === Boolean(polling)) return;
  clearInterval(polling);
  polling = on ? setInterval(refresh, POLL) : 0;
  say(on ? 'poll' : 'live');
}

function listen() {
  const stream = new EventSource(place.dataset.events);
  const alive = () => { heardAt = Date.now(); poll(false); say('live'); };
  stream.addEventListener('change', () => { alive(); refresh(); });
  stream.addEventListener('heartbeat', alive);
  stream.addEventListener('error', () => { if (stream.readyState === EventSource.CLOSED) { poll(true); setTimeout(listen, 30000); } });
  // Nothing heard soon after the start, or for two heartbeats: something on the way holds the stream back.
  setTimeout(() => { if (Date.now() - heardAt > 3900) poll(true); }, 4000);
  setInterval(() => { if (Date.now() - heardAt > SILENCE) poll(true); }, 5000);
}

heardAt = 0;
listen();

// Single keys, which may be turned off (WCAG 2.1.4). `keys` maps a key to what it does; it says false where it did nothing.
export function useKeys(keys) {
  const dialog = document.querySelector('#keys'), box = document.querySelector('#keys-on'), opener = document.querySelector('#keys-open');
  box.checked = localStorage.getItem('madoguchi-keys') !== 'off';
  box.addEventListener('change', () => localStorage.setItem('madoguchi-keys', box.checked ? 'on' : 'off'));
  opener.hidden = false;
  opener.addEventListener('click', () => dialog.showModal());
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest('input, textarea, select, [contenteditable]');
    if (!box.checked || typing || dialog.open || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === '?') dialog.showModal();
    else if (!keys[event.key] || keys[event.key]() === false) return;
    event.preventDefault();
  });
}
