// Speaks to the API of one city: sends messages so that a retry never doubles them, gives feedback, erases.
export class Client {
  #base; #conversation; #language;

  constructor(city, { language, conversation = null } = {}) {
    this.#base = `/api/v1/${encodeURIComponent(city)}`;
    this.#language = language;
    this.#conversation = conversation;
  }

  get conversation() { return this.#conversation; }

  /** Send a text or a choice's value; the same `clientId` may be sent again safely. Resolves to {turn, reply}. */
  async send(text, clientId) {
    const body = { text, language: this.#language, client_id: clientId };
    if (this.#conversation) body.conversation = this.#conversation;
    const answer = await this.#post("/messages", body);
    if (answer.status === 404 && this.#conversation) {
      this.#conversation = null; // it ended or was erased: begin a new one with the same text
      return this.send(text, clientId);
    }
    const result = await answer.json();
    if (!answer.ok) throw new Error(result.error?.message ?? answer.statusText);
    this.#conversation = result.conversation;
    return result;
  }

  feedback(turn, solved) { return this.#post("/feedback", { turn, solved }); }

  /** Published questions close to what is being typed; resolves to [{label, value}]. */
  async suggest(text, signal) {
    const answer = await fetch(`${this.#base}/suggest?${new URLSearchParams({ q: text.slice(0, 100), language: this.#language })}`, { signal });
    return answer.ok ? answer.json() : [];
  }

  async erase() {
    if (this.#conversation) await fetch(`${this.#base}/conversations/${this.#conversation}`, { method: "DELETE" });
    this.#conversation = null;
  }

  #post(path, body) {
    return fetch(this.#base + path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(20000),
    });
  }
}
