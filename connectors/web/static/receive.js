// The page on which a resident chooses how a reply of staff is to come: a link to note down, or news by e-mail.
import { connectFrame } from "./frame.js";
import { button, make } from "./text.js";

const place = document.getElementById("receive");
const find = (id) => document.getElementById(id);
const frame = connectFrame();
find("close")?.addEventListener("click", () => frame.close());
const json = { "Content-Type": "application/json" };

function conversation() {
  try {
    return JSON.parse(localStorage.getItem(`madoguchi:${place.dataset.city}`))?.conversation ?? null;
  } catch {
    return null; // nothing can be kept in this browser, or nothing was
  }
}

const call = (path, options) => fetch(`${base}${path}`, { cache: "no-store", credentials: "omit", ...options });
const talk = conversation();
const base = `${place.dataset.talk}${encodeURIComponent(talk)}/handoff`;
const state = talk ? await call("").then((answer) => (answer.ok ? answer.json() : {}), () => ({})) : {};
find("ways").hidden = !state.state;
find("none").hidden = Boolean(state.state);

find("link").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await call("/link", { method: "POST" }).catch(() => null);
  if (!answer?.ok) return;
  const { url } = await answer.json();
  const address = make("input", { value: url, readOnly: true, dir: "ltr" });
  address.setAttribute("aria-labelledby", "made");
  address.addEventListener("focus", () => address.select());
  const made = find("made");
  const copied = make("span");
  const copy = button(made.dataset.copy, async () => {
    address.select();
    await navigator.clipboard.writeText(url);
    copied.textContent = made.dataset.copied;
  });
  made.replaceChildren(find("made-text").content.cloneNode(true), make("p", {}, address));
  if (navigator.clipboard) made.append(make("p", {}, copy, " ", copied)); // not over plain HTTP
});

find("email")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify({ email: find("address").value.trim() });
  const answer = await call("/email", { method: "PUT", headers: json, body }).catch(() => null);
  const saved = find("saved");
  saved.textContent = answer?.ok ? saved.dataset.saved : saved.dataset.wrong;
});
