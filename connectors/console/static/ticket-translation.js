// Machine translations of residents' messages, fetched one by one into the open page; they live as long as the page does.
import { listeners } from './live.js';

const talk = document.querySelector('#talk');
const known = new Map();

function put(turn) {
  const place = document.getElementById(`machine-${turn}`);
  place?.replaceWith(known.get(turn).cloneNode(true));
}
talk.addEventListener('submit', async (event) => {
  const form = event.target.closest('form.translate');
  if (!form) return;
  event.preventDefault();
  event.stopPropagation(); // the page is not about to leave
  const turn = form.elements.turn.value, button = form.querySelector('button');
  button.setAttribute('aria-disabled', 'true');
  form.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'error' });
    if (response.status === 401 || response.status === 403) { location.reload(); return; }
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const fresh = page.getElementById(`machine-${turn}`);
    if (!fresh) throw new Error('nothing came');
    if (fresh.dataset.done) known.set(turn, fresh);
    document.getElementById(`machine-${turn}`)?.replaceWith(fresh.cloneNode(true));
    document.getElementById(`machine-${turn}`)?.focus();
  } catch { form.submit(); }
});
listeners.push(() => { for (const turn of known.keys()) put(turn); });
