// The widget on a city's page: a button that opens the chat in a frame of our own origin. One classic script, no build step.
// What stands in quotation marks after TONGUES is replaced by the texts of all languages when the file is served.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || (window.Madoguchi && window.Madoguchi.version)) return; // included twice: the first one stays

  const TONGUES = "@tongues";
  const READY_SECONDS = 10; // after which a frame that has not answered is taken for one that will not
  const HOME = new URL("../../", script.src);
  const COLOUR = "#1f4e79";
  const PHONE = window.matchMedia("(max-width: 600px), (max-height: 420px)");
  const { city = "", hint = "" } = script.dataset;
  const warn = (text) => console.warn(`Madoguchi: ${text}`);
  if (!/^[a-z0-9-]+$/.test(city)) {
    warn('data-city is missing or wrong; write the id of the city, such as data-city="hoshimi"');
    return;
  }

  // ---- settings ------------------------------------------------------------------------------------------------
  function tongueOf(wanted) {
    const code = wanted.toLowerCase();
    const knows = ([own, tongue]) => own.toLowerCase() === code || tongue.aliases.some((alias) => alias.toLowerCase() === code);
    const found = Object.entries(TONGUES).find(knows);
    if (found) return found[0];
    return code.includes("-") ? tongueOf(code.slice(0, code.lastIndexOf("-"))) : "";
  }

  function language() {
    const { lang = "" } = script.dataset;
    const own = tongueOf(lang);
    if (lang && !own) warn(`data-lang "${lang}" is not a language of this service; the language of the page is taken`);
    return own || tongueOf(document.documentElement.lang) || "ja";
  }

  const channel = (hex, start) => {
    const share = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const luminance = (hex) => 0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5);

  /** The colour of the button if white letters on it have a contrast of 4.5 (WCAG 1.4.3), else ours. */
  function colour() {
    const { colour: wanted = COLOUR } = script.dataset;
    if (!/^#[0-9a-f]{6}$/i.test(wanted)) {
      warn(`data-colour "${wanted}" is not a colour like ${COLOUR}; ${COLOUR} is taken`);
      return COLOUR;
    }
    const contrast = 1.05 / (luminance(wanted) + 0.05);
    if (contrast >= 4.5) return wanted;
    warn(`data-colour "${wanted}" has a contrast of ${contrast.toFixed(2)} with white letters, below 4.5; ${COLOUR} is taken`);
    return COLOUR;
  }

  const code = language();
  const say = TONGUES[code];
  const chat = new URL(`${city}/chat?lang=${code}`, HOME).href;
  const rightToLeft = getComputedStyle(document.documentElement).direction === "rtl";
  const side = (script.dataset.position === "start") === rightToLeft ? "right" : "left";

  // ---- elements ------------------------------------------------------------------------------------------------
  const STYLE = `
    :host { all: initial !important; position: fixed !important; inset: auto !important; bottom: 0 !important;
      ${side}: 0 !important; z-index: 2147483000 !important; display: block !important; direction: ltr !important; }
    :host([data-aside]) .open { visibility: hidden; }
    * { box-sizing: border-box; font: inherit; }
    .all { position: absolute; bottom: 1em; ${side}: 1em; font: medium/1.5 system-ui, sans-serif; }
    .open, .close, .hint button { min-height: 2.75em; min-width: 2.75em; cursor: pointer; }
    .open { position: relative; display: flex; align-items: center; gap: .5em; max-width: calc(100vw - 2em); padding: .6em 1.2em;
      border: 2px solid #fff; border-radius: 2em; background: ${colour()}; color: #fff; font-weight: 600; white-space: nowrap;
      box-shadow: 0 1px 6px #0008; }
    .open svg { width: 1.5em; height: 1.5em; flex: none; }
    .count { background: #fff; color: #8a1c1c; border-radius: 1em; padding: 0 .5em; font-size: .9em; }
    .count[hidden] { display: none; }
    :focus-visible { outline: 3px solid #b45309; outline-offset: 2px; box-shadow: 0 0 0 2px #fff; }
    .hint { position: absolute; bottom: calc(100% + .75em); ${side}: 0; width: min(18em, 100vw - 2em);
      display: flex; gap: .5em; align-items: start; padding: .75em; background: #fff; color: #1a202c; border: 1px solid #8794a6; border-radius: .5em; }
    .hint p { margin: 0; flex: 1; }
    .hint button { background: none; border: 1px solid #8794a6; border-radius: .5em; color: inherit; }
    dialog { position: fixed; inset: auto; bottom: 5em; ${side}: 1em; margin: 0; padding: 0; overflow: hidden;
      width: min(25em, 100vw - 2em); height: min(42em, 100vh - 6em); height: min(42em, 100dvh - 6em); max-width: none; max-height: none;
      background: #fff; color: #1a202c; border: 1px solid #8794a6; border-radius: .75em; box-shadow: 0 4px 24px #0006; }
    dialog:modal { inset: 0; width: 100%; height: 100%; border: none; border-radius: 0; }
    iframe { display: block; width: 100%; height: 100%; border: none; background: #fff; }
    .wait { position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 1em;
      padding: 1em; background: #fff; text-align: center; }
    .wait[hidden] { display: none; }
    .wait a { color: #1f4e79; padding: .75em; }
    .close { position: absolute; inset-block-start: .5em; inset-inline-end: .5em; padding: 0 1em; background: #fff; color: #1a202c;
      border: 1px solid #4a5568; border-radius: .5em; }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    @media print { :host { display: none !important; } }`;

  const make = (tag, properties = {}, attributes = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    element.append(...children);
    return element;
  };

  function icon() {
    const drawing = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(drawing, "svg");
    const path = document.createElementNS(drawing, "path");
    [["viewBox", "0 0 24 24"], ["aria-hidden", "true"], ["focusable", "false"]].forEach(([name, value]) => svg.setAttribute(name, value));
    path.setAttribute("d", "M3 4h18v13h-9l-5 4v-4H3z");
    path.setAttribute("fill", "currentColor");
    svg.append(path);
    return svg;
  }

  // A sheet made by a script needs no permission of the page's policy; older browsers get an element with the page's own nonce.
  function dress(shadow) {
    if ("adoptedStyleSheets" in shadow && "replaceSync" in CSSStyleSheet.prototype) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      shadow.adoptedStyleSheets = [sheet];
    } else {
      shadow.append(make("style", { textContent: STYLE, nonce: script.nonce }));
    }
  }

  const host = make("madoguchi-widget");
  const shadow = host.attachShadow({ mode: "open" });
  const badge = make("span", { className: "count", hidden: true }, { "aria-hidden": "true" });
  const label = make("span", { textContent: say.open });
  const opener = make("button", { type: "button", className: "open" }, { "aria-expanded": "false", "aria-haspopup": "dialog" }, icon(), label, badge);
  const news = make("p", { className: "unseen" }, { role: "status" });
  const waiting = make("p", { textContent: say.loading }, { role: "status" });
  const closer = make("button", { type: "button", className: "close", textContent: say.close });
  const page = make("a", { href: chat, target: "_blank", rel: "noopener", textContent: say.full });
  const wait = make("div", { className: "wait" }, {}, waiting, page, closer);
  const panel = make("dialog", {}, { "aria-label": say.title }, wait);
  const all = make("div", { className: "all", lang: say.html, dir: say.rtl ? "rtl" : "ltr" }, {}, opener, news, panel);
  dress(shadow);
  shadow.append(all);

  // ---- the frame -----------------------------------------------------------------------------------------------
  let frame = null;
  let port = null;
  let patience = 0;
  const post = (kind, values = {}) => port && port.postMessage({ madoguchi: 1, kind, ...values });
  const tellShown = () => panel.open && post("shown", { modal: panel.matches(":modal") });

  const heard = new Map([
    ["ready", ready],
    ["close", () => close()],
    ["unread", ({ count }) => Number.isInteger(count) && count >= 0 && count < 1000 && showUnread(count)],
    ["language", ({ code: chosen }) => typeof chosen === "string" && TONGUES[chosen] && frame.setAttribute("lang", TONGUES[chosen].html)],
  ]);

  function ready() {
    clearTimeout(patience);
    if (shadow.activeElement === closer) frame.focus();
    wait.hidden = true;
    tellShown();
  }

  // The port is handed to our origin only, so whatever comes back through it comes from there.
  function greet() {
    const { port1, port2 } = new MessageChannel();
    if (port) port.close();
    port = port1;
    port.onmessage = ({ data }) => data && data.madoguchi === 1 && heard.has(data.kind) && heard.get(data.kind)(data);
    frame.contentWindow.postMessage({ madoguchi: 1, kind: "hello" }, HOME.origin, [port2]);
  }

  function load() {
    wait.hidden = false;
    waiting.textContent = say.loading;
    patience = setTimeout(() => { waiting.textContent = say.away; }, READY_SECONDS * 1000);
    if (frame) frame.remove();
    frame = make("iframe", { src: `${chat}&frame=1`, title: say.title, lang: say.html, allow: "clipboard-write", referrerPolicy: "origin" });
    frame.addEventListener("load", greet);
    panel.prepend(frame);
  }

  function showUnread(count) {
    const shown = panel.open ? 0 : count;
    badge.hidden = !shown;
    badge.textContent = String(shown);
    news.textContent = shown ? say.unread.replace("{count}", shown) : "";
    opener.setAttribute("aria-label", shown ? `${say.open} (${news.textContent})` : say.open);
  }

  // ---- opening and closing -------------------------------------------------------------------------------------
  function open() {
    if (panel.open) return;
    if (hidingHint) hidingHint();
    if (!frame || !wait.hidden) load();
    PHONE.matches ? panel.showModal() : panel.show();
    opener.setAttribute("aria-expanded", "true");
    showUnread(0);
    (wait.hidden ? frame : closer).focus();
    tellShown();
  }

  function close() {
    if (panel.open) panel.close();
  }

  panel.addEventListener("close", () => {
    if (panel.open) return; // it changed between a phone's screen and a wide one
    opener.setAttribute("aria-expanded", "false");
    post("hidden");
    opener.focus();
  });
  panel.addEventListener("keydown", (event) => event.key === "Escape" && close());
  opener.addEventListener("click", () => (panel.open ? close() : open()));
  closer.addEventListener("click", close);
  PHONE.addEventListener("change", () => {
    if (!panel.open) return;
    panel.close();
    open();
  });

  // Any link marked data-madoguchi opens the panel; without a script it leads to the city's questions.
  const asked = (event) => {
    const link = event.composedPath().find((one) => one instanceof Element && one.hasAttribute("data-madoguchi"));
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open();
  };

  // What has the focus is never behind the button (WCAG 2.4.11): it steps aside.
  const stepAside = () => {
    const focused = document.activeElement;
    const [one, other] = [opener, focused].map((element) => element && element.getBoundingClientRect());
    const within = focused && focused !== host && focused !== document.body;
    const covered = within && one.left < other.right && one.right > other.left && one.top < other.bottom && one.bottom > other.top;
    host.toggleAttribute("data-aside", Boolean(covered));
  };

  // ---- one hint a session --------------------------------------------------------------------------------------
  let hidingHint = null;
  function showHint() {
    try {
      if (sessionStorage.getItem("madoguchi:hint")) return;
      sessionStorage.setItem("madoguchi:hint", "1");
    } catch {
      return; // without a memory it would come again on every page
    }
    const button = make("button", { type: "button", textContent: "×" }, { "aria-label": say.close });
    const bubble = make("div", { className: "hint" }, {}, make("p", { textContent: hint.slice(0, 100) }), button);
    hidingHint = () => { bubble.remove(); hidingHint = null; };
    button.addEventListener("click", () => { hidingHint(); opener.focus(); });
    all.append(bubble);
  }

  // ---- on the page ---------------------------------------------------------------------------------------------
  // A page that swaps its body while it navigates (SPA) keeps its button.
  const watch = new MutationObserver(() => host.isConnected || appear());
  function appear() {
    if (!document.body) return;
    close();
    document.body.append(host);
    watch.observe(document.documentElement, { childList: true });
    watch.observe(document.body, { childList: true });
  }

  function remove() {
    watch.disconnect();
    close();
    host.remove();
    document.removeEventListener("click", asked);
    document.removeEventListener("focusin", stepAside);
    delete window.Madoguchi;
  }

  window.Madoguchi = Object.freeze({ version: 1, open, close, remove });
  document.addEventListener("click", asked);
  document.addEventListener("focusin", stepAside);
  document.body ? appear() : document.addEventListener("DOMContentLoaded", appear);
  if (hint) showHint();
})();
