// Keeps a talk in this browser for a day, one for each city, and what makes reading comfortable; in a kiosk nothing at all.
const HAND = "madoguchi:hand:";
const DAY = 24 * 60 * 60 * 1000;

export class Store {
  #key; #places; #memory = new Map();

  /** `lasting` is false where nothing may stay behind (a kiosk in a lobby). */
  constructor(city, { lasting = true } = {}) {
    this.#key = `madoguchi:${city}`;
    this.#places = lasting ? [storageCalled("localStorage"), storageCalled("sessionStorage")].filter(Boolean) : [];
    if (!window.name.startsWith(HAND)) return;
    this.#memory = new Map(Object.entries(parsed(window.name.slice(HAND.length))));
    window.name = "";
  }

  /** Whether a talk outlives its page. */
  get lasts() { return this.#places.length > 0; }

  /** Carry the talk to the next page of this tab where nothing can be kept: the name of a window outlives its page. */
  handOver() { if (!this.lasts) window.name = HAND + JSON.stringify(Object.fromEntries(this.#memory)); }

  /** The talk, {} where there is none of the last 24 hours. A one-time link leaves it in the tab: that one counts first. */
  talk() {
    const tab = this.#places.length > 1 ? this.#places.at(-1).getItem(this.#key) : null;
    if (tab) {
      this.#places.at(-1).removeItem(this.#key);
      this.#write(this.#key, { at: Date.now(), ...parsed(tab) });
    }
    const kept = this.#read(this.#key);
    if (!(kept.at > Date.now() - DAY)) this.forget();
    return sound(this.#read(this.#key));
  }

  keep(talk) { this.#write(this.#key, { ...talk, at: Date.now() }); }

  forget() {
    for (const one of this.#places) one.removeItem(this.#key);
    this.#memory.delete(this.#key);
  }

  /** Text size and furigana, for all cities. */
  comfort() { return this.#read("madoguchi:comfort"); }

  keepComfort(comfort) { this.#write("madoguchi:comfort", comfort); }

  #read(key) { return parsed(this.#places[0]?.getItem(key) ?? this.#memory.get(key) ?? null); }

  #write(key, value) {
    const text = JSON.stringify(value);
    try { this.#places[0].setItem(key, text); } catch { this.#memory.set(key, text); } // blocked or full
  }
}

function storageCalled(name) {
  try {
    const found = window[name]; // throws where cookies are blocked
    found.setItem("madoguchi:probe", "1");
    found.removeItem("madoguchi:probe");
    return found;
  } catch {
    return null;
  }
}

// Other programs of this origin and older versions of ours write here too: what is no talk is left out.
function sound({ conversation, turns, ...rest }) {
  const whole = ({ turn, reply } = {}) =>
    typeof turn === "string" && Array.isArray(reply?.blocks) && reply.blocks.every((block) => typeof block?.text === "string");
  const known = typeof conversation === "string" ? conversation : null;
  return { ...rest, conversation: known, turns: [turns].flat().filter((one) => one && whole(one)) };
}

function parsed(text) {
  try { return JSON.parse(text) ?? {}; } catch { return {}; }
}
