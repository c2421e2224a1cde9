// Reads a message aloud, and takes dictation where a city allows it. Both are there only where the browser can.
import { button, make } from "./text.js";

const voice = window.speechSynthesis;
const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;

/** Buttons that read blocks aloud, each in its language, with pause and stop; null where nothing can speak. */
export function readAloud(blocks, { texts, tongues }) {
  if (!voice) return null;
  const say = button(texts.read, () => start());
  const pause = button(texts["read-pause"], () => {
    const paused = pause.textContent === texts["read-go-on"];
    if (paused) voice.resume(); else voice.pause();
    pause.textContent = paused ? texts["read-pause"] : texts["read-go-on"];
  }, { hidden: true });
  const stop = button(texts["read-stop"], () => { voice.cancel(); show(false); say.focus(); }, { hidden: true });
  const show = (speaking) => {
    say.hidden = speaking;
    pause.hidden = stop.hidden = !speaking;
    pause.textContent = texts["read-pause"];
  };
  const start = () => {
    voice.cancel();
    voice.resume();
    const utterances = blocks.map(({ text, language }) =>
      Object.assign(new SpeechSynthesisUtterance(text), { lang: tongues[language] ?? language }));
    utterances.at(-1).onend = () => show(false);
    for (const one of utterances) one.onerror = () => show(false);
    utterances.forEach((one) => voice.speak(one));
    show(true);
    pause.focus();
  };
  return make("div", { className: "aloud" }, say, pause, stop);
}

addEventListener("pagehide", () => voice?.cancel());

/** A button for dictation that warns before the first time; what is heard goes into the input and is never sent by itself. */
export function dictation(input, { texts, lang }) {
  if (!Recognition) return null; // else {start, warning}: the button, and what is shown before the first time
  let listening = null;
  const close = (then) => () => { warning.hidden = true; then(); };
  const warning = make("div", { className: "dictation-warning", hidden: true }, make("p", { textContent: texts["dictate-warning"] }),
    button(texts["dictate-start"], close(() => listen())),
    button(texts["dictate-cancel"], close(() => input.focus()), { className: "quiet" }));
  const main = button(texts.dictate, () => {
    if (listening) return listening.stop();
    warning.hidden = false;
    warning.querySelector("button").focus();
  }, { className: "quiet dictate" });
  const listen = () => {
    listening = Object.assign(new Recognition(), { lang, interimResults: false });
    main.textContent = texts["dictate-stop"];
    listening.onresult = ({ results }) => {
      const heard = [...results].map((result) => result[0].transcript).join(" ");
      input.value = `${input.value} ${heard}`.trim().slice(0, input.maxLength);
    };
    listening.onend = () => { listening = null; main.textContent = texts.dictate; input.focus(); };
    listening.start();
    main.focus();
  };
  return { start: main, warning };
}
