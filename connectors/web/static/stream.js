// Follows a talk: server-sent events where they come through, polling where something on the way holds them back.
const FIRST = 5000; // milliseconds until the first event; the service sends one at once
const SILENCE = 40000; // the service says something every 15 seconds
const POLL = 3000;
const TRY_AGAIN = 300000; // after so long of polling a stream may have a way again
const LONGEST_PAUSE = 60000;

export class Stream {
  #client; #turn; #state; #last = ""; #talk = null; #source = null; #timer; #failures = 0; #blockedSince = 0;

  /** `turn(turn)` is called for each turn, `state(name)` with live, polling, lost or gone. */
  constructor(client, { turn, state }) {
    this.#client = client;
    this.#turn = turn;
    this.#state = state;
    document.addEventListener("visibilitychange", () => this.#wake());
    addEventListener("online", () => this.#wake());
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", (event) => event.persisted && this.#wake());
  }

  /** Follow the client's talk after the turn `last`; a talk that is followed already goes on. */
  follow(last) {
    if (last > this.#last) this.#last = last;
    if (this.#talk === this.#client.conversation) return;
    this.#talk = this.#client.conversation;
    this.#last = last;
    this.#failures = 0;
    this.#wake();
  }

  stop() {
    this.#talk = null;
    this.#close();
  }

  // A hidden page keeps no connection: a browser has only six of them for a site over HTTP/1.1 (W-10).
  #wake() {
    this.#close();
    if (this.#talk && document.visibilityState !== "hidden") this.#next();
  }

  #next() {
    const blocked = this.#blockedSince && Date.now() - this.#blockedSince < TRY_AGAIN;
    if (blocked) this.#poll();
    else this.#open();
  }

  #open() {
    const source = (this.#source = new EventSource(this.#client.events(this.#last)));
    let heard = false;
    const alive = () => {
      heard = true;
      this.#failures = 0;
      this.#blockedSince = 0;
      this.#later(() => this.#poll(), SILENCE);
      this.#state("live");
    };
    source.addEventListener("heartbeat", alive);
    source.addEventListener("turn", (event) => { alive(); this.#take(JSON.parse(event.data)); });
    const blocked = () => {
      if (!heard) this.#blockedSince = Date.now();
      this.#poll();
    };
    source.addEventListener("error", blocked);
    this.#later(blocked, FIRST);
  }

  async #poll() {
    this.#close();
    const talk = this.#talk;
    try {
      const turns = await this.#client.turns(this.#last);
      if (talk !== this.#talk || this.#source) return;
      turns.forEach((turn) => this.#take(turn));
      this.#failures = 0;
      this.#state("polling");
      this.#later(() => this.#next(), POLL);
    } catch (error) {
      if (talk !== this.#talk) return;
      if (error.status === 404) {
        this.stop();
        return this.#state("gone");
      }
      this.#blockedSince = 0; // nothing came through at all: that tells nothing about streams
      this.#state("lost");
      this.#later(() => this.#poll(), Math.min(LONGEST_PAUSE, 1000 * 2 ** ++this.#failures) * (0.5 + Math.random() / 2));
    }
  }

  #take(turn) {
    if (turn.turn <= this.#last) return;
    this.#last = turn.turn;
    this.#turn(turn);
  }

  #later(act, milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, milliseconds);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}
