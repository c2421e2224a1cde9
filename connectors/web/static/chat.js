// The full-page chat: keeps the talk in this tab, announces each reply once, never moves the focus by itself.
import { Client } from "./client.js";
import { looksPersonal } from "./personal.js";
import { Suggestions } from "./suggest.js";
import { make, ownTurn, replyTurn, verdict } from "./view.js";

const place = document.getElementById("chat");
const texts = JSON.parse(document.getElementById("texts").textContent);
const tongues = JSON.parse(document.getElementById("tongues").textContent);
const { city, language } = place.dataset;
const KEY = `madoguchi:${city}`;

const memory = {
  load() { try { return JSON.parse(sessionStorage.getItem(KEY)) ?? {}; } catch { return {}; } },
  save(state) { try { sessionStorage.setItem(KEY, JSON.stringify(state)); } catch { /* storage is blocked: the talk lives as long as the page */ } },
};
const state = { turns: [], ...memory.load() };
const client = new Client(city, { language, conversation: state.conversation });

const log = make("div", { className: "log", tabIndex: 0 });
log.setAttribute("role", "group");
log.setAttribute("aria-label", texts.log);
const announcer = make("div", { className: "unseen" });
announcer.setAttribute("role", "log");
announcer.setAttribute("aria-live", "polite");
const status = make("p", { className: "state" });
status.setAttribute("role", "status");
const input = make("textarea", { rows: 1, maxLength: 1000, id: "question", placeholder: texts.placeholder });
input.setAttribute("aria-label", texts.placeholder);
const form = make("form", { className: "ask" }, input, make("button", { textContent: texts.send }));
const restart = make("button", { type: "button", textContent: texts.restart });
const menu = make("button", { type: "button", textContent: texts.menu });
const tools = make("div", { className: "tools" }, menu, make("a", { href: `/${city}/faq?lang=${language}`, textContent: texts.faq }),
  make("a", { href: `/${city}/notice?lang=${language}`, textContent: texts.about }), restart);
place.append(log, announcer, status, form, tools);

const show = (element) => { log.append(element); element.scrollIntoView({ block: "nearest" }); return element; };
// A long answer is read from its beginning: the question goes to the top of the view, as far as there is text below it.
const bringUp = (question) => question?.scrollIntoView({ block: "start" });

function announce(text, lang) {
  const entry = make("p", { textContent: `${texts.bot}: ${text}`, lang });
  announcer.append(entry);
  setTimeout(() => entry.remove(), 1500);
}

function showReply({ turn, reply }, { quiet = false } = {}) {
  const element = replyTurn(reply, texts, tongues, (choice) => ask(choice.value, choice.label));
  if (reply.decision === "answer") element.append(verdict(texts, (solved) => judge(turn, solved)));
  show(element);
  if (!quiet) announce(reply.blocks.map((block) => block.text).join(" "), tongues[reply.language]);
}

async function judge(turn, solved) {
  await client.feedback(turn, solved).catch(() => {});
  await ask(solved ? "feedback:good" : "feedback:bad", solved ? texts.solved : texts["not-solved"]);
}

let busy = false;
let unsent = null; // what could not be sent: sent again, it is the same message and stands in the talk once

/** Ask, and show the reply. Returns false where a reply is still awaited. */
function ask(value, label = value) {
  if (busy) return false;
  busy = true;
  let message = { value, label, clientId: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` };
  if (unsent && [unsent.value, unsent.label].includes(value)) {
    unsent.question.remove();
    message = unsent;
  }
  unsent = null;
  send({ ...message, question: show(ownTurn(message.label, texts)) });
  return true;
}

async function send(message) {
  const { value, label, question, clientId } = message;
  status.className = "state";
  status.textContent = texts.thinking;
  const slow = setTimeout(() => { status.textContent = texts.still; }, 8000);
  try {
    const result = await client.send(value, clientId);
    status.textContent = "";
    if ([value, label].includes(input.value.trim())) input.value = "";
    remember(label, result);
    const leaving = result.reply.language !== language && result.reply.language in tongues;
    showReply(result, { quiet: leaving });
    bringUp(question);
    if (leaving) follow(result.reply.language);
  } catch {
    unsent = message;
    failed(message);
  } finally {
    clearTimeout(slow);
    busy = false;
  }
}

function remember(label, result) {
  state.turns.push({ label, ...result });
  state.conversation = client.conversation;
  memory.save(state);
}

function failed({ value, label }) {
  status.className = "state wrong";
  const again = make("button", { type: "button", textContent: texts.retry });
  again.addEventListener("click", () => { input.focus(); ask(value, label); });
  status.replaceChildren(texts.offline, " ", again);
}

// The page itself changes to the language that was asked for; the talk goes on there, the reply is read out there.
function follow(spoken) {
  state.followed = true;
  memory.save(state);
  const address = new URL(location.href);
  address.searchParams.set("lang", spoken);
  location.replace(address);
}

if (place.dataset.suggest !== "off") {
  new Suggestions(input, {
    label: texts.faq, lang: tongues[language],
    find: async (text, signal) => (looksPersonal(text) ? [] : client.suggest(text, signal)),
    choose: ({ label, value }) => { input.value = label; return ask(value, label); },
  });
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return input.focus();
  if (looksPersonal(text)) {
    status.className = "state wrong";
    status.textContent = texts["personal-data"];
    return;
  }
  ask(text);
});
// Enter sends, but never while a word is being converted: Safari ends the composition first and then says 229 (W-09).
input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  form.requestSubmit();
});
menu.addEventListener("click", () => { ask("say:menu", texts.menu); input.focus(); });
restart.addEventListener("click", async () => {
  await client.erase().catch(() => {});
  state.turns = [];
  state.conversation = null;
  unsent = null;
  memory.save(state);
  log.replaceChildren();
  begin();
  status.className = "state";
  status.textContent = texts.erased;
  input.focus();
});

function begin() {
  const block = (text, kind = "text") => ({ kind, text, language });
  showReply({ reply: {
    decision: "act", language, blocks: [block(texts.welcome), block(texts.notice, "notice")],
    choices: [{ label: texts.menu, value: "say:menu" }],
  } }, { quiet: true });
}

begin();
let last;
for (const turn of state.turns) { last = show(ownTurn(turn.label, texts)); showReply(turn, { quiet: true }); }
bringUp(last);
if (state.followed) {
  const { reply } = state.turns.at(-1);
  announce(reply.blocks.map((block) => block.text).join(" "), tongues[reply.language]);
  input.focus();
  state.followed = false;
  memory.save(state);
}

// A link may bring a question with it (`?q=`): it is asked once, and a reload does not ask it again.
const address = new URL(location.href);
const brought = address.searchParams.get("q")?.trim().slice(0, input.maxLength);
if (address.searchParams.has("q")) {
  address.searchParams.delete("q");
  history.replaceState(null, "", address);
}
if (brought) {
  input.value = brought;
  form.requestSubmit();
}
