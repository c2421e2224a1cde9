// Questions to choose from while typing, after the combobox pattern of WAI-ARIA (W-14). Nothing typed is kept.
import { make } from "./text.js";

const QUIET = 200; // milliseconds without a keystroke before anything is looked for
const SHORTEST = 2; // characters

export class Suggestions {
  #input; #find; #choose; #box; #rows = []; #active = -1; #timer; #search;

  /** `find(text, signal)` resolves to [{label, value}]; `choose(row)` returns false where it cannot be asked now. */
  constructor(input, { label, lang, find, choose }) {
    this.#input = input;
    this.#find = find;
    this.#choose = choose;
    this.#box = make("ul", { className: "suggestions", id: "suggestions", lang, hidden: true });
    this.#box.setAttribute("role", "listbox");
    this.#box.setAttribute("aria-label", label);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.#box.id);
    input.setAttribute("aria-expanded", "false");
    input.form.prepend(this.#box);
    input.addEventListener("input", (event) => event.isComposing || this.#typed());
    input.addEventListener("compositionend", () => this.#typed());
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("blur", () => this.close());
    input.form.addEventListener("submit", () => this.close());
    this.#box.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the input
    this.#box.addEventListener("click", (event) => this.#pick([...this.#box.children].indexOf(event.target)));
  }

  close() {
    clearTimeout(this.#timer);
    this.#search?.abort();
    this.#show([]);
  }

  #typed() {
    this.close();
    if (this.#input.value.trim().length >= SHORTEST) this.#timer = setTimeout(() => this.#look(), QUIET);
  }

  async #look() {
    const search = (this.#search = new AbortController());
    const rows = await this.#find(this.#input.value.trim(), search.signal).catch(() => []);
    if (!search.signal.aborted) this.#show(rows);
  }

  #show(rows) {
    this.#rows = rows;
    this.#box.replaceChildren(...rows.map((row, i) => make("li", { id: `suggestion-${i}`, textContent: row.label })));
    this.#box.hidden = !rows.length;
    this.#input.setAttribute("aria-expanded", String(rows.length > 0));
    this.#mark(-1);
  }

  #mark(active) {
    this.#active = active;
    [...this.#box.children].forEach((option, i) => {
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", String(i === active));
    });
    if (active < 0) return this.#input.removeAttribute("aria-activedescendant");
    this.#input.setAttribute("aria-activedescendant", `suggestion-${active}`);
    this.#box.children[active].scrollIntoView({ block: "nearest" });
  }

  #pick(index) {
    const row = this.#rows[index];
    if (row && this.#choose(row) !== false) this.close();
  }

  // While a word is being converted the keys belong to the input method (W-09).
  #key(event) {
    if (!this.#rows.length || event.isComposing || event.keyCode === 229) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const places = this.#rows.length + 1; // the questions, and the input itself
      this.#mark(((this.#active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && this.#active >= 0) {
      this.#pick(this.#active);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}
