// Furigana over Japanese text, to be switched on and off: seen as ruby, heard and copied as the clean text (W-25).
import { make } from "./text.js";

const KANJI = /[一-鿿㐀-䶿々〆]/;
const AT_ONCE = 40; // texts in one request
const NOT = "input, textarea, select, option, .mine, .state, .unseen, .read, .thanks, [aria-live]";

export class Furigana {
  #client; #on; #known = new Map();

  constructor(client, on) {
    this.#client = client;
    this.#on = on;
  }

  get on() { return this.#on; }

  /** Switch, and change what stands in `root`. */
  switch(on, root) {
    this.#on = on;
    return on ? this.dress(root) : this.#undress(root);
  }

  /** Give furigana to the Japanese texts in an element; what cannot be read now stays as it is. */
  async dress(root) {
    if (!this.#on) return;
    const nodes = textNodes(root);
    const unknown = [...new Set(nodes.map((node) => node.data))].filter((text) => !this.#known.has(text));
    for (let i = 0; i < unknown.length; i += AT_ONCE) {
      const asked = unknown.slice(i, i + AT_ONCE);
      const found = await this.#client.furigana(asked).catch(() => []);
      found.forEach((ruby, n) => this.#known.set(asked[n], ruby));
    }
    if (!this.#on) return;
    for (const node of nodes.filter((one) => one.isConnected && this.#known.has(one.data))) {
      node.replaceWith(dressed(node.data, this.#known.get(node.data)));
    }
  }

  #undress(root) {
    for (const element of root.querySelectorAll(".read")) element.replaceWith(element.dataset.text);
    root.normalize();
  }
}

function textNodes(root) {
  const found = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement: parent } = walker.currentNode;
    const japanese = KANJI.test(data) && parent.closest("[lang]")?.lang === "ja";
    if (japanese && !parent.closest(NOT)) found.push(walker.currentNode);
  }
  return found;
}

const bracket = (textContent) => make("rp", { textContent });
const withReading = (surface, reading) =>
  make("ruby", {}, surface, bracket("（"), make("rt", { textContent: reading }), bracket("）"));

// A screen reader that meets ruby reads a word twice: it gets the text, the eye gets the ruby; `rt` cannot be selected.
function dressed(text, ruby) {
  const seen = make("span", { ariaHidden: "true" });
  for (const [surface, reading] of ruby) seen.append(reading ? withReading(surface, reading) : surface);
  const element = make("span", { className: "read" }, seen, make("span", { className: "unseen", textContent: text }));
  element.dataset.text = text;
  return element;
}
