// The line above the input: what is going on, and what went wrong with a way on.
import { fill, make } from "./text.js";

const STILL = 8000; // milliseconds until a wait is called a long one (W-13: at most 10 s)

export class Status {
  #texts; #timer; #about = ""; #stands;
  #line = make("p", { className: "state", role: "status" });
  #desk = make("div", { className: "desk", hidden: true });

  constructor(texts) { this.#texts = texts; }

  get elements() { return [this.#desk, this.#line]; }

  clear(about) {
    if (about && this.#about !== about) return;
    this.#show("", "");
  }

  say(text, about = "") { this.#show(text, about); }

  /** Say what is wrong; `ways` are buttons. */
  wrong(text, about, ...ways) {
    this.#show(text, about);
    this.#line.className = "state wrong";
    for (const way of ways) this.#line.append(" ", way);
  }

  thinking() {
    this.#show(this.#texts.thinking, "thinking");
    this.#timer = setTimeout(() => this.#show(this.#texts.still, "thinking"), STILL);
  }

  /** Show where the talk stands with staff, with ways on. Not announced: the reply has said it. */
  desk({ handoff, ticket } = {}, ...ways) {
    const text = { waiting: this.#texts.waiting, staff: this.#texts["with-staff"] }[handoff];
    const words = text && fill(text, { ticket: ticket ?? "" });
    if (words === this.#stands) return; // what is open in it stays open
    this.#stands = words;
    this.#desk.hidden = !words;
    this.#desk.replaceChildren(...(words ? [make("span", { textContent: words }), ...ways] : []));
  }

  #show(text, about) {
    clearTimeout(this.#timer);
    this.#about = about;
    this.#line.className = "state";
    this.#line.textContent = text;
  }
}
