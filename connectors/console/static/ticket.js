// A ticket, open: presence, what is being written, prepared texts, keys. Everything here has a way without JavaScript.
import { listeners, useKeys } from './live.js';

const place = document.querySelector('#page'), heard = document.querySelector('#heard');
const form = document.querySelector('#reply-form'), text = document.querySelector('#text');
const version = document.querySelector('#reply-version'), talk = document.querySelector('#talk');
talk.scrollTop = talk.scrollHeight;

// What is written survives a reload, in this tab only, until the server says that it has taken it.
const TAKEN = { 'ticket-replied': 'reply', 'ticket-replied-untranslated': 'reply', 'unsent-dropped': 'reply', noted: 'note' };
const done = TAKEN[new URLSearchParams(location.search).get('done')];
if (done) history.replaceState(null, '', location.pathname);
for (const field of document.querySelectorAll('textarea[data-tab]')) {
  const key = `madoguchi-desk:${field.dataset.tab}`;
  if (done && key.endsWith(`:${done}`)) sessionStorage.removeItem(key);
  const kept = sessionStorage.getItem(key);
  if (!field.value && kept) { field.value = kept; heard.textContent = heard.dataset.kept; }
  field.addEventListener('input', () => keep(field));
}
function keep(field) { sessionStorage.setItem(`madoguchi-desk:${field.dataset.tab}`, field.value); }

function send(address, values = {}) {
  return fetch(address, { method: 'POST', headers: { 'x-csrf-token': place.dataset.csrf }, body: new URLSearchParams({ n: 1, ...values }) }).catch(() => {});
}
// Others see who has this open, and who is writing.
let typedAt = 0;
function here() { if (!document.hidden && Date.now() - typedAt > 6000) send(place.dataset.here); }
here();
setInterval(here, 10000);
document.addEventListener('visibilitychange', here);
addEventListener('pagehide', () => navigator.sendBeacon(place.dataset.here, new URLSearchParams({ left: 1, csrf: place.dataset.csrf })));
text?.addEventListener('input', () => {
  if (Date.now() - typedAt < 5000) return;
  typedAt = Date.now();
  send(place.dataset.typing);
  setTimeout(here, 7000);
});

// News: an empty form moves on to the newest state; one with text in it stays where its writer began, and says so.
// A form that is on its way must not be cut off by a reload.
let leaving = false;
document.addEventListener('submit', () => { leaving = true; setTimeout(() => { leaving = false; }, 10000); });
let said = talk.querySelectorAll('.resident').length;
listeners.push((page) => {
  const fresh = page.querySelector('#page').dataset;
  const now = page.querySelectorAll('#talk .resident').length;
  if (now > said) { heard.textContent = ''; heard.textContent = heard.dataset.resident; here(); }
  said = now;
  if (fresh.version === place.dataset.version) return;
  for (const field of document.querySelectorAll('form:not(#reply-form) input[name=version]')) field.value = fresh.version;
  const writing = [...document.querySelectorAll('textarea')].some((field) => field.value.trim());
  if (text && version && !text.value.trim()) version.value = fresh.version;
  else if (text) document.querySelector('#newer').hidden = false;
  place.dataset.version = fresh.version;
  if (fresh.state !== place.dataset.state && !writing && !leaving) location.reload();
});

// A prepared text goes in where the cursor is.
for (const button of document.querySelectorAll('button[data-insert]')) {
  button.addEventListener('click', (event) => {
    event.preventDefault();
    const words = button.closest('li').querySelector('[data-text]').textContent;
    const gap = text.value.trim() && text.selectionStart === text.value.length ? '\n\n' : '';
    text.setRangeText(gap + words, text.selectionStart, text.selectionEnd, 'end');
    keep(text);
    text.focus();
  });
}
text?.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) form.requestSubmit(form.querySelector('[value=send]'));
});

const press = (selector) => () => { const found = document.querySelector(selector); found?.click(); return Boolean(found); };
const go = (field) => () => { field?.scrollIntoView({ block: 'center' }); field?.focus(); return Boolean(field); };
useKeys({ t: press('#take-form button'), r: go(text), n: go(document.querySelector('#note')), i: press('.back a') });
