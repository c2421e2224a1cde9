// The inbox, open: it says what is new, sounds if it may, and is walked through by keys.
import { listeners, useKeys } from './live.js';

const heard = document.querySelector('#heard'), sound = document.querySelector('#sound');
const waiting = (page) => Number(page.querySelector('#numbers strong').textContent);
let before = waiting(document);

document.querySelector('#sound-choice').hidden = false;
sound.checked = localStorage.getItem('madoguchi-sound') === 'on';
sound.addEventListener('change', () => { localStorage.setItem('madoguchi-sound', sound.checked ? 'on' : 'off'); if (sound.checked) ring(); });

function ring() {
  const room = new AudioContext(), tone = room.createOscillator(), loud = room.createGain();
  loud.gain.setValueAtTime(0.15, room.currentTime);
  loud.gain.exponentialRampToValueAtTime(0.001, room.currentTime + 0.6);
  tone.frequency.value = 660;
  tone.connect(loud).connect(room.destination);
  tone.start();
  tone.stop(room.currentTime + 0.6);
}

listeners.push((page) => {
  const now = waiting(page);
  if (now !== before) heard.textContent = heard.dataset.more.replace('{count}', now);
  if (now > before && sound.checked) ring();
  before = now;
});

function step(by) {
  const links = [...document.querySelectorAll('.inbox tbody th a')];
  const at = links.indexOf(document.activeElement);
  links[Math.min(Math.max(at + by, 0), links.length - 1)]?.focus();
}
useKeys({ j: () => step(1), k: () => step(-1) });
