// How the talk looks: its language, the size of its text, furigana. Choices are remembered where the browser allows it.
import { button, make } from "./text.js";

const SIZES = [100, 125, 150, 200]; // percent

/** A panel of settings. `languageChosen(code)` and `furigana` (null where it does not apply) do what they say. */
export function comfort({ texts, names, language, store, furigana, languageChosen }) {
  const kept = store.comfort();
  const keep = (change) => store.keepComfort({ ...store.comfort(), ...change });
  const box = make("details", { className: "comfort" }, make("summary", { textContent: texts.display }));
  const panel = make("div", { className: "panel" });
  box.append(panel);
  panel.append(languages({ texts, names, language, languageChosen }));
  panel.append(sizes(texts, kept.size ?? SIZES[0], (size) => keep({ size })));
  if (furigana) panel.append(ruby(texts, furigana, keep));
  return box;
}

/** Show the text at the size that was chosen before. */
export function applySize(store) {
  const { size } = store.comfort();
  if (SIZES.includes(size)) document.documentElement.dataset.size = size;
}

function languages({ texts, names, language, languageChosen }) {
  const options = Object.entries(names).map(([code, { name, html }]) =>
    make("option", { value: code, textContent: name, lang: html, selected: code === language }));
  const select = make("select", {}, ...options);
  select.addEventListener("change", () => languageChosen(select.value));
  return make("label", {}, make("span", { textContent: texts.language }), select);
}

function sizes(texts, current, keep) {
  const name = make("span", { textContent: texts.size });
  const group = make("div", { className: "sizes", role: "group", ariaLabel: texts.size }, name);
  const buttons = SIZES.map((size) => button(`${size}%`, (pressed) => {
    document.documentElement.dataset.size = size;
    for (const one of buttons) one.ariaPressed = String(one === pressed);
    keep(size);
  }, { className: "quiet", ariaPressed: String(size === current) }));
  group.append(...buttons);
  return group;
}

function ruby(texts, furigana, keep) {
  const box = make("input", { type: "checkbox", checked: furigana.on });
  box.addEventListener("change", () => { keep({ furigana: box.checked }); furigana.switched(box.checked); });
  return make("label", { className: "switch" }, box, make("span", { textContent: texts.furigana }));
}
