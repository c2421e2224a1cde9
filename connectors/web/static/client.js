// The API of one city as an ES module, for our chat and for others (docs/chat.md): no dependency, no DOM, nothing kept.
const PATIENCE = 45000; // milliseconds: slow lines are waited for; what takes longer is lost

/** What the service or the way to it refused: `status` is that of HTTP (0 without one), `code` and `hint` the service's. */
export class Refused extends Error {
  constructor(message, { status = 0, code = "", hint = "" } = {}) {
    super(message);
    Object.assign(this, { status, code, hint });
  }
}

export class Client {
  #base; #language; #conversation;

  /** `origin` is empty on the service's own pages; `conversation` goes on with an earlier talk. */
  constructor(city, { language, conversation = null, origin = "" } = {}) {
    this.#base = `${origin}/api/v1/${encodeURIComponent(city)}`;
    this.#language = language;
    this.#conversation = conversation;
  }

  /** The secret that opens this talk; null before the first message. */
  get conversation() { return this.#conversation; }

  /**
   * Send a text or a choice's value; the same `clientId` may be sent again safely.
   * Resolves to {conversation, turn, at, text, reply}.
   */
  async send(text, clientId = crypto.randomUUID()) {
    const body = { text, language: this.#language, client_id: clientId };
    if (this.#conversation) body.conversation = this.#conversation;
    try {
      const result = await this.#call("/messages", body);
      this.#conversation = result.conversation;
      return result;
    } catch (error) {
      if (error.status !== 404 || !this.#conversation) throw error;
      this.#conversation = null; // it ended or was erased: begin a new one with the same text
      return this.send(text, clientId);
    }
  }

  /** The turns after the one with id `after`, oldest first; at most 100. */
  turns(after = "") { return this.#call(`${this.#talk}/turns?after=${encodeURIComponent(after)}`); }

  /** Where the turns after one of them come as server-sent events. */
  events(after = "") { return `${this.#base}${this.#talk}/events?after=${encodeURIComponent(after)}`; }

  /** Say whether a turn's answer solved the problem, with a reason of up to 500 characters. */
  feedback(turn, solved, reason = "") { return this.#call("/feedback", { turn, solved, reason }); }

  /** Published questions close to what is being typed: [{label, value}]; send `value`. */
  suggest(text, signal) {
    const query = new URLSearchParams({ q: text.slice(0, 100), language: this.#language });
    return this.#call(`/suggest?${query}`, undefined, { signal });
  }

  /** A published entry in a language (the original of a translation): {question, answer, language, state}. */
  entry(id, language = "ja") { return this.#call(`/entries/${encodeURIComponent(id)}?language=${language}`); }

  /** Readings of Japanese texts: for each a list of [surface, reading]. */
  furigana(texts) { return this.#call("/furigana", { texts }); }

  /** How a hand-off to staff stands: {state, ticket, department, promised_at, before, email}. */
  handoff() { return this.#call(`${this.#talk}/handoff`); }

  /** A link that leads back to this talk once, from anywhere: {url, hours}. */
  returnLink() { return this.#call(`${this.#talk}/handoff/link`, undefined, { method: "POST" }); }

  /** Leave an address to which news of a reply goes, or with null forget it. */
  notify(email) {
    const path = `${this.#talk}/handoff/email`;
    return email ? this.#call(path, { email }, { method: "PUT" }) : this.#call(path, undefined, { method: "DELETE" });
  }

  /** Go on without this talk: the next message begins another. */
  leave() { this.#conversation = null; }

  /** End the talk and erase it in the service; throws where it is still there. */
  async erase(conversation = this.#conversation) {
    if (this.#conversation === conversation) this.leave();
    if (conversation) await this.#call(`/conversations/${encodeURIComponent(conversation)}`, undefined, { method: "DELETE" });
  }

  get #talk() { return `/conversations/${encodeURIComponent(this.#conversation)}`; }

  async #call(path, body, { method = body ? "POST" : "GET", signal } = {}) {
    const options = { method, signal: signal ?? AbortSignal.timeout(PATIENCE), cache: "no-store", credentials: "omit" };
    if (body) Object.assign(options, { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const answer = await fetch(this.#base + path, options).catch((error) => { throw new Refused(error.message); });
    if (answer.status === 204) return null;
    // A page of a proxy or a firewall comes with status 200 as well; ours is always JSON.
    const content = await answer.json().catch(() => { throw new Refused("no JSON came back", { status: answer.status }); });
    if (!answer.ok) throw new Refused(content.error?.message ?? answer.statusText, { status: answer.status, ...content.error });
    return content;
  }
}
