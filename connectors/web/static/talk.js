// The talk itself, without a screen: what was said, what is on its way, what could not be sent, what others add to it.
import { Client } from "./client.js";
import { Stream } from "./stream.js";

const CHOICE = /^(entry|topic|menu|item|family|district|category|say|language|feedback|desk):/;

const newId = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`; // there is none over plain HTTP

export class Talk {
  #client; #language; #store; #screen; #stream; #known; #pending = null; #unsent = null; #labels = new Map();

  /** `screen` is told: sent(message), answered(message, turn), failed(message), added(turn), gone(), connection(state). */
  constructor({ city, language, store, screen, labels }) {
    const kept = store.talk();
    this.#store = store;
    this.#language = language;
    this.#screen = screen;
    this.language = kept.language ?? null; // the resident's own choice
    this.followed = kept.followed ?? false; // the page was left for one in another language
    this.turns = kept.turns ?? [];
    this.#known = new Set(this.turns.map((turn) => turn.turn));
    this.#client = new Client(city, { language, conversation: kept.conversation });
    for (const [value, label] of Object.entries(labels)) this.#labels.set(value, label);
    for (const turn of this.turns) this.#learn(turn);
    this.#stream = new Stream(this.#client, { turn: (turn) => this.#add(turn), state: (state) => this.#connection(state) });
  }

  get client() { return this.#client; }
  get last() { return this.turns.at(-1); }
  get unsent() { return this.#unsent; }
  get waiting() { return this.#pending !== null; }

  /** Begin to listen; a talk of which only the id is known (a return link, another device) is fetched whole first. */
  async resume() {
    if (!this.#client.conversation) return;
    for (let got = 100; got === 100 && !this.#pending;) {
      const turns = await this.#client.turns(this.last?.turn).catch((error) => (error.status === 404 ? null : []));
      if (!turns) return this.#connection("gone");
      for (const turn of turns) await this.#add(turn, { quiet: true });
      got = turns.length;
    }
    this.#stream.follow(this.last?.turn ?? "");
  }

  /** Ask. Returns false where a reply is still awaited. The text that failed before is the same message again (W-11). */
  ask(value, label = value) {
    if (this.#pending) return false;
    const again = this.#unsent && [this.#unsent.value, this.#unsent.label].includes(value) ? this.#unsent : null;
    const message = again ?? { value, label, clientId: newId(), at: new Date().toISOString() };
    this.#unsent = null;
    this.#send(message);
    return true;
  }

  async #send(message) {
    this.#pending = message;
    this.#screen.sent(message);
    try {
      this.#settle(message, await this.#client.send(message.value, message.clientId));
    } catch {
      if (this.#pending !== message) return; // its turn came by the stream
      this.#pending = null;
      this.#unsent = message;
      this.#screen.failed(message);
    }
  }

  #settle(message, turn) {
    if (this.#known.has(turn.turn)) return;
    this.#pending = null;
    this.#remember({ ...turn, label: message.label });
    this.#screen.answered(message, turn);
    this.#stream.follow(turn.turn);
  }

  async #add(turn, { quiet = false } = {}) {
    if (this.#known.has(turn.turn)) return;
    const ours = [this.#pending, this.#unsent].find((message) => message && message.clientId === turn.client_id);
    if (ours) {
      if (ours === this.#unsent) this.#unsent = null;
      return this.#settle(ours, turn);
    }
    const { client_id: _ours, ...told } = turn;
    const label = await this.#label(turn.text ?? "");
    if (this.#known.has(turn.turn)) return;
    this.#remember({ ...told, label });
    this.#screen.added({ ...told, label }, { quiet });
  }

  #remember({ turn, at, label, reply }) {
    this.#known.add(turn);
    this.turns.push({ turn, at, label, reply });
    this.turns.sort((one, other) => (one.turn < other.turn ? -1 : 1));
    this.#learn({ reply });
    this.save();
  }

  #learn({ reply }) {
    for (const { label, value } of reply.choices ?? []) this.#labels.set(value, label);
  }

  // A tapped choice is kept by its value; the resident reads the words that stood on it.
  async #label(text) {
    if (this.#labels.has(text)) return this.#labels.get(text);
    if (text.startsWith("entry:")) {
      const entry = await this.#client.entry(text.slice(6), this.#language).catch(() => null);
      return entry?.question ?? "…";
    }
    return CHOICE.test(text) ? "…" : text;
  }

  save() {
    const { language, turns, followed } = this;
    this.#store.keep({ conversation: this.#client.conversation, turns, language, followed });
  }

  // Erased in another window, or by the city after its time: what is left of it here goes as well.
  #connection(state) {
    if (state !== "gone") return this.#screen.connection(state);
    if (this.#pending) return; // the client begins another talk with it
    const ours = this.#store.talk().conversation === this.#client.conversation;
    this.#client.leave();
    this.forget({ kept: !ours });
    this.#screen.gone();
  }

  /** Forget the talk here only, at once. `kept` leaves what the browser keeps: another window's talk. */
  forget({ kept = false } = {}) {
    this.#stream.stop();
    this.turns = [];
    this.#known.clear();
    this.#unsent = null;
    if (!kept) this.#store.forget();
  }
}
