// The visible talk: messages in their order with day and time, what stands under each, where the view rests.
import { readAloud } from "./speech.js";
import { author, make, spoken } from "./text.js";
import { reasons, verdict } from "./verdict.js";
import { original, ownTurn, replyTurn, timeMark } from "./view.js";

const NEAR = 80; // pixels from the end: who reads further up is not moved away from there

export class Timeline {
  #context; #acts; #lastAt = null; #typing;
  #log = make("div", { className: "log", tabIndex: 0, role: "group" });

  /** `acts` are choose(choice), judge(turn, solved), tell(reason) and announce(reply). */
  constructor(context, acts) {
    this.#context = context;
    this.#acts = acts;
    this.#log.ariaLabel = context.texts.log;
    this.#typing = make("p", { className: "typing", ariaHidden: "true" }, make("i"), make("i"), make("i"));
  }

  get element() { return this.#log; }
  get isAtEnd() { return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < NEAR; }

  /** Whether a reply is awaited, for the eye. */
  waiting(awaited) {
    if (awaited) this.#log.append(this.#typing);
    else this.#typing.remove();
  }

  clear() {
    this.#log.replaceChildren();
    this.#lastAt = null;
  }

  /** Show what a resident said; returns the element. */
  own(label, at) {
    this.#time(at);
    return this.#show(ownTurn(label, this.#context.texts));
  }

  /** Show a reply; it is announced unless `quiet`. Without blocks there is none: a person will answer. */
  reply({ turn, at, reply }, { quiet = false, judged = null } = {}) {
    if (!reply.blocks.length) return;
    const element = replyTurn(reply, this.#context, this.#acts.choose);
    const tools = this.#tools(turn, reply, judged);
    if (tools.childElementCount) element.querySelector(".bubble").after(tools);
    if (!quiet) this.#time(at);
    this.#show(element);
    if (!quiet) this.#acts.announce(author(reply, this.#context.texts), spoken(reply), this.#context.tongues[reply.language]);
  }

  /** A long answer is read from its beginning: the question goes to the top of the view, as far as there is text below. */
  bringUp(question) { question?.scrollIntoView({ block: "start" }); }

  end() { this.#log.lastElementChild?.scrollIntoView({ block: "nearest" }); }

  toChoices() {
    const newest = [...this.#log.querySelectorAll(".choices")].at(-1);
    newest?.querySelector("button:not([aria-disabled=true])")?.focus();
  }

  #tools(turn, reply, judged) {
    const { texts, language } = this.#context;
    const tools = make("div", { className: "after" });
    if (reply.entry && language !== "ja") tools.append(original(reply, this.#context));
    if (turn) tools.append(readAloud(reply.blocks, this.#context) ?? "");
    if (turn && reply.decision === "answer") tools.append(verdict(texts, (solved) => this.#acts.judge(turn, solved)));
    if (judged && reply.outcome === "feedback") tools.append(reasons(texts, (reason) => this.#acts.tell(judged, reason)));
    return tools;
  }

  #time(at) {
    const { tongues, language } = this.#context;
    const mark = timeMark(at, this.#lastAt, tongues[language], language === "ja-easy");
    if (mark) this.#show(mark);
    this.#lastAt = at ?? this.#lastAt;
  }

  #show(element) {
    this.#log.append(element);
    this.#context.furigana.dress(element);
    return element;
  }
}
