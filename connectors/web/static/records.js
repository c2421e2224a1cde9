// What else one can do with a talk: read all questions, take the talk along as text or on paper. Made here, nothing is stored.
import { button, make, transcript } from "./text.js";

/** A panel with links and the records of the talk; `turns()` gives what was said, `say(text)` tells what was done. */
export function records({ texts, lang, city, language, turns, say }) {
  const text = () => transcript(turns(), { texts, lang, title: texts.title });
  const target = window.parent === window ? "" : "_blank";
  const link = (path, textContent) => make("a", { href: `/${city}/${path}?lang=${language}`, textContent, target });
  const copy = button(texts.copy, async () => { if (await copied(text())) say(texts.copied); });
  const today = () => new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Tokyo" }); // 2026-11-21
  const save = button(texts.save, () => download(text(), `${city}-${today()}.txt`));
  const print = button(texts.print, () => window.print());
  const panel = make("div", { className: "panel" }, link("faq", texts.faq), link("notice", texts.about), copy, save, print);
  const box = make("details", { className: "records" }, make("summary", { textContent: texts.more }), panel);
  panel.addEventListener("click", (event) => { if (event.target.closest("button")) box.open = false; });
  return box;
}

async function copied(text) {
  const way = navigator.clipboard?.writeText(text);
  return way ? way.then(() => true, () => byHand(text)) : byHand(text);
}

// Inside a frame the clipboard may be refused; selecting and copying is not.
function byHand(text) {
  const area = make("textarea", { value: text, className: "unseen" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

function download(text, name) {
  const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/plain;charset=utf-8" }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
