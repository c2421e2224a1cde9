// Talks with the page around the frame: over one private port, and only with a page of a registered site (W-04).
const sites = (document.querySelector("meta[name=sites]")?.content ?? "").split(" ").filter(Boolean);
const nothing = () => {};

/** True where the chat stands in a frame. */
export const framed = window.parent !== window;

const isHello = ({ source, origin, data, ports }) =>
  source === window.parent && [location.origin, ...sites].includes(origin) && data?.madoguchi === 1 && data.kind === "hello" && ports.length === 1;

/**
 * Answer the loader. `shown({ modal })` runs whenever the panel opens (move the focus into it then), `hidden()` when it closes.
 * Returns `close()` (Esc does it too), `unread(count)` for the badge of the launcher, and `language(code)` after a change.
 * Outside a frame, and until the loader has said hello, they do nothing.
 */
export function connectFrame({ shown = nothing, hidden = nothing } = {}) {
  let port = null;
  const post = (kind, values = {}) => port?.postMessage({ madoguchi: 1, kind, ...values });
  const heard = { shown: (data) => shown({ modal: data.modal === true }), hidden: () => hidden() };
  const welcome = (event) => {
    if (!isHello(event)) return;
    port?.close();
    [port] = event.ports;
    port.onmessage = ({ data }) => data?.madoguchi === 1 && Object.hasOwn(heard, data.kind) && heard[data.kind](data);
    post("ready");
  };
  // While a word is being converted, Escape belongs to the input method; what has handled it already keeps it.
  const leave = (event) => event.key === "Escape" && !event.defaultPrevented && !event.isComposing && event.keyCode !== 229 && post("close");
  if (framed) {
    window.addEventListener("message", welcome);
    window.addEventListener("keydown", leave);
  }
  return { close: () => post("close"), unread: (count) => post("unread", { count }), language: (code) => post("language", { code }) };
}
