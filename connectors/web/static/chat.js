// The chat page: joins the talk with its elements. START HERE. The focus never moves by itself.
import { Announcer } from "./announcer.js";
import { applySize, comfort } from "./comfort.js";
import { connectFrame, framed } from "./frame.js";
import { Furigana } from "./furigana.js";
import { looksPersonal, withoutNumbers } from "./personal.js";
import { records } from "./records.js";
import { dictation } from "./speech.js";
import { Status } from "./status.js";
import { Store } from "./store.js";
import { Suggestions } from "./suggest.js";
import { Talk } from "./talk.js";
import { author, button, make, spoken } from "./text.js";
import { Timeline } from "./timeline.js";

const place = document.getElementById("chat");
const { texts, tongues, names, start } = JSON.parse(document.getElementById("setup").textContent);
const { city, language, mode } = place.dataset;
const kiosk = mode === "kiosk";
const lang = tongues[language];
const read = [document.querySelector(".banner"), place].filter(Boolean); // what furigana are given to
const store = new Store(city, { lasting: !kiosk });
const address = new URL(location.href);
applySize(store);

const labels = {
  "say:menu": texts.menu, "say:person": texts.person, "say:cancel-handoff": texts.cancel,
  "feedback:good": texts.solved, "feedback:bad": texts["not-solved"],
};
for (const choice of start) labels[choice.value] = choice.label;
const talk = new Talk({ city, language, store, labels, screen: { sent, answered, failed, added, gone, connection } });
const furigana = new Furigana(talk.client, store.comfort().furigana ?? language === "ja-easy");
const context = { texts, tongues, kiosk, city, language, client: talk.client, furigana, leave };

const announcer = new Announcer();
const announce = (who, text, tongue) => announcer.say(who, text, tongue);
const timeline = new Timeline(context, { choose, judge, tell, announce });
const status = new Status(texts);
const input = make("textarea", { rows: 1, maxLength: 1000, id: "question", placeholder: texts.placeholder });
input.ariaLabel = texts.placeholder;
const form = make("form", { className: "ask" }, input, make("button", { textContent: texts.send }));
const frame = connectFrame({ shown: () => { unread(0); input.focus(); }, hidden: () => { seen = false; } });
let seen = !framed;
let missed = 0;
let judged = null; // the turn that was said not to have helped

const ask = (value, label) => talk.ask(value, label);

function choose({ value, label }) {
  const asked = ask(value, label);
  input.focus({ preventScroll: true });
  return asked;
}

function judge(turn, solved) {
  if (talk.waiting) return false;
  judged = solved ? null : turn;
  tell(turn, "", solved);
  return ask(solved ? "feedback:good" : "feedback:bad", solved ? texts.solved : texts["not-solved"]);
}

function tell(turn, reason, solved = false) { talk.client.feedback(turn, solved, reason).catch(() => {}); }

function sent(message) {
  message.question?.remove();
  message.question = timeline.own(message.label, message.at);
  timeline.waiting(true);
  message.question.scrollIntoView({ block: "nearest" });
  status.thinking();
}

function answered(message, turn) {
  timeline.waiting(false);
  status.clear();
  if ([message.value, message.label].includes(input.value.trim())) input.value = "";
  const tongue = turn.reply.language;
  // A reply that did not understand has not understood the language either ("konbini", "asdf").
  const leaving = tongue !== language && tongue in tongues && turn.reply.decision !== "decline";
  timeline.reply(turn, { quiet: leaving, judged });
  judged = null;
  timeline.bringUp(message.question);
  desk();
  if (leaving) changeLanguage(tongue, { followed: true });
}

function failed({ value, label }) {
  timeline.waiting(false);
  status.wrong(texts.offline, "sending", button(texts.retry, () => { input.focus(); ask(value, label); }));
}

// What came without being asked for: from staff, or from the same talk in another window.
function added(turn, { quiet }) {
  const follow = quiet || timeline.isAtEnd;
  if (turn.label) timeline.own(turn.label, turn.at);
  timeline.reply(turn, { quiet });
  if (follow) timeline.end();
  if (!quiet && !seen && turn.reply.blocks.length) unread(missed + 1);
  desk();
}

function connection(state) {
  if (state === "lost" && !talk.waiting && !talk.unsent) status.say(texts.reconnecting, "connection");
  if (state === "live" || state === "polling") status.clear("connection");
}

function gone() {
  timeline.clear();
  begin();
  desk();
  status.say(texts.gone);
}

function desk() {
  const cancel = button(texts.cancel, () => { ask("say:cancel-handoff", texts.cancel); input.focus(); }, { className: "quiet" });
  status.desk(talk.last?.reply, cancel);
  furigana.dress(status.elements[0]);
}

function unread(count) {
  if (!count) seen = true;
  missed = count;
  frame.unread(count);
}

/** The page itself changes to another language; the talk goes on there, and there a reply that was not read out yet is. */
function changeLanguage(code, { followed = false } = {}) {
  talk.language = code;
  talk.followed = followed;
  talk.save();
  store.handOver();
  frame.language(code);
  address.searchParams.set("lang", code);
  location.replace(address);
}

/** For who must not be seen here: forget the talk and go to the city's own page, with no way back to this one. */
function leave() {
  talk.forget();
  frame.close();
  location.replace(framed || kiosk ? location.href : `/${city}?lang=${language}`);
}

// From the screen at once, whoever may be coming; from the service as soon as it can be reached.
function end() {
  const { conversation } = talk.client;
  talk.forget();
  timeline.clear();
  begin();
  desk();
  return erase(conversation);
}

async function erase(conversation) {
  try {
    await talk.client.erase(conversation);
    status.say(texts.erased);
  } catch {
    status.wrong(texts["not-erased"], "erasing", button(texts.restart, () => { input.focus(); erase(conversation); }));
  }
}

function submit(event) {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return input.focus();
  if (!looksPersonal(text)) return ask(text, text);
  const remove = () => { input.value = withoutNumbers(input.value); status.clear(); input.focus(); };
  status.wrong(texts["personal-data"], "personal", button(texts["remove-number"], remove));
}

// Enter sends, but never while a word is being converted: Safari ends the composition first and then says 229 (W-09).
function typed(event) {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "ArrowUp" && !input.value) return timeline.toChoices();
  if (event.key !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  form.requestSubmit();
}

function closePanel(event) {
  const box = event.target.closest("details[open]");
  if (event.key !== "Escape" || !box) return;
  box.open = false;
  box.querySelector("summary").focus();
  event.preventDefault(); // in a frame Escape would close the chat
}

function online() {
  status.clear("connection");
  const { value, label } = talk.unsent ?? {};
  if (value && [value, label].includes(input.value.trim())) ask(value, label);
}

function begin() {
  const block = (text, kind = "text") => ({ kind, text, language });
  const blocks = [block(texts.welcome), block(texts.notice, "notice")];
  if (!kiosk) blocks.push(block(store.lasts ? texts.kept : texts["no-storage"], "notice"));
  timeline.reply({ reply: { decision: "act", language, blocks, choices: start } }, { quiet: true });
}

function bar() {
  const title = make("strong", { textContent: texts.title, lang });
  return make("header", { className: "bar" }, title, button(texts.close, () => frame.close(), { className: "quiet" }));
}

function tools() {
  const menu = button(texts.menu, () => { ask("say:menu", texts.menu); input.focus(); });
  const switched = (on) => read.forEach((part) => furigana.switch(on, part));
  const readings = lang === "ja" ? { on: furigana.on, switched } : null;
  const display = comfort({ texts, names, language, store, furigana: readings, languageChosen: changeLanguage });
  const say = (text) => status.say(text);
  const more = kiosk ? [] : [records({ texts, lang, city, language, turns: () => talk.turns, say })];
  return make("div", { className: "tools" }, menu, display, ...more, button(texts.restart, () => { end(); input.focus(); }));
}

function build() {
  if (mode === "frame") place.append(bar());
  const jump = button(texts["to-choices"], () => timeline.toChoices(), { className: "jump" });
  place.append(timeline.element, announcer.element, ...status.elements, jump, form);
  const heard = place.dataset.dictation === "on" ? dictation(input, { texts, lang }) : null;
  if (heard) {
    form.append(heard.start);
    form.before(heard.warning);
  }
  place.append(tools());
  if (place.dataset.suggest !== "off") {
    new Suggestions(input, {
      label: texts.faq, lang,
      find: async (text, signal) => (looksPersonal(text) ? [] : talk.client.suggest(text, signal)),
      choose: ({ label, value }) => { input.value = label; return ask(value, label); },
    });
  }
  form.addEventListener("submit", submit);
  input.addEventListener("keydown", typed);
  place.addEventListener("keydown", closePanel);
  place.addEventListener("madoguchi:end", end); // a kiosk ends the talk of who has left
  addEventListener("offline", () => status.wrong(texts.offline, "connection"));
  addEventListener("online", online);
}

function restore() {
  let last;
  for (const turn of talk.turns) {
    if (turn.label) last = timeline.own(turn.label, turn.at);
    timeline.reply(turn, { quiet: true });
  }
  timeline.bringUp(last);
  desk();
  if (!talk.followed || !talk.last) return;
  const { reply } = talk.last;
  announce(author(reply, texts), spoken(reply), tongues[reply.language]);
  input.focus();
  talk.followed = false;
  talk.save();
}

// A link may bring a question with it (`?q=`): it is asked once, and a reload does not ask it again.
function broughtQuestion() {
  const brought = address.searchParams.get("q")?.trim().slice(0, input.maxLength);
  if (address.searchParams.has("q")) {
    address.searchParams.delete("q");
    history.replaceState(null, "", address);
  }
  if (!brought) return;
  input.value = brought;
  form.requestSubmit();
}

// The language that a resident has chosen stays theirs, whatever the page around the frame would like.
const chosen = talk.language;
if (chosen && chosen !== language && chosen in names && (framed || !address.searchParams.has("lang"))) {
  changeLanguage(chosen, { followed: talk.followed });
} else {
  if (chosen) talk.language = language;
  build();
  read.forEach((part) => furigana.dress(part));
  begin();
  restore();
  await talk.resume();
  broughtQuestion();
}
