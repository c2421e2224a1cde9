// Says each message once to a screen reader, from a place of its own beside the visible talk.
import { make } from "./text.js";

const GONE = 1500; // milliseconds until an entry is removed, so that nobody finds it twice

export class Announcer {
  #place = make("div", { className: "unseen", role: "log", ariaLive: "polite" });

  get element() { return this.#place; }

  /** Say who wrote what, in the language that it is in. */
  say(who, text, lang) {
    const entry = make("p", { textContent: `${who}: ${text}`, lang });
    this.#place.append(entry);
    setTimeout(() => entry.remove(), GONE);
  }
}
