/* Hears forms of somebody else's page being sent, and sends what is mapped to us as well: <script src=".../f/capture.js"
   data-form="ID" async>. Their form goes on its way as ever. Passwords, files, inputs for payment cards and whatever looks
   like a card's number stay on the page, and so does everything that is not mapped: of that, we are told the names.
   Once a page view it says that such a form is there. Behind visitor.js in /f/capture.js. */
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || !script.dataset.form) return;
  const id = script.dataset.form;
  const door = new URL(`${encodeURIComponent(id)}/`, script.src);
  const page = new URL(location.href);
  const have = (what, detail) => document.dispatchEvent(new CustomEvent(`leadcrm:${what}`, { detail }));
  const complain = (words) => console.error(`LeadCRM: ${words}`);
  const tags = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "gclid", "fbclid", "msclkid"];
  const view = Array.from(crypto.getRandomValues(new Uint8Array(12)), (one) => one.toString(16).padStart(2, "0")).join("");
  let captures = [];
  /* Their inputs may be called "elements" or "matches", and would stand in the way of what forms can. */
  const elementsOf = Object.getOwnPropertyDescriptor(HTMLFormElement.prototype, "elements").get;

  const isCard = (text) => (text.match(/(?:[0-9][ -]?){12,18}[0-9]/g) || []).some((found) => {
    const digits = [...found.replace(/[^0-9]/g, "")].reverse().map(Number);
    const sum = digits.reduce((all, one, place) => all + (place % 2 ? (one > 4 ? 2 * one - 9 : 2 * one) : one), 0);
    return sum % 10 === 0 && new Set(digits).size > 1;
  });

  const isSecret = (input) => input.type === "password" || input.type === "file"
    || /(^|\s)(cc-|current-password|new-password|one-time-code)/.test(input.autocomplete || "");

  const finds = (form, { selector }) => Element.prototype.matches.call(form, selector);
  const isUsable = (capture) => {
    try {
      finds(script, capture);
      return true;
    } catch (error) {
      complain(`${capture.selector} is no CSS selector.`);
      return false;
    }
  };

  const gather = (form, capture) => {
    const body = new URLSearchParams();
    const unmapped = new Set();
    for (const input of elementsOf.call(form)) {
      const { name, type } = input;
      if (!name || input.disabled || isSecret(input) || ["submit", "button", "image", "reset", "fieldset"].includes(type)) continue;
      if (!Object.hasOwn(capture.names, name)) {
        if (type !== "hidden") unmapped.add(name.slice(0, 100));
        continue;
      }
      if ((type === "checkbox" || type === "radio") && !input.checked) continue;
      const values = type === "select-multiple" ? [...input.selectedOptions].map((one) => one.value) : [input.value];
      for (const value of values) if (type === "tel" || !isCard(value)) body.append(capture.names[name], value);
    }
    return [body, [...unmapped].slice(0, 100)];
  };

  const send = (form, capture) => {
    const [body, unmapped] = gather(form, capture);
    body.set("_token", view);
    body.set("_capture", String(capture.id));
    for (const name of unmapped) body.append("_unmapped", name);
    for (const tag of tags) if (page.searchParams.has(tag) && !body.has(tag)) body.set(tag, page.searchParams.get(tag));
    body.set("_at", `${location.origin}${location.pathname}`.slice(0, 300));
    have("visitor", body);
    fetch(door, { method: "POST", body, keepalive: true, credentials: "omit", headers: { Accept: "application/json" } })
      .then((answer) => { if (!answer.ok) complain(`a post of ${capture.selector} was refused: ${answer.status}`); })
      .catch(() => { if (document.visibilityState !== "hidden") complain(`a post of ${capture.selector} could not be sent to ${door.origin}.`); });
  };

  /* Seen once a page view, and not where the page shows the same form of ours: there that counts. */
  let seen = false;
  const see = (capture) => {
    if (seen) return;
    seen = true;
    const shown = `[data-leadcrm="${CSS.escape(id)}"]`;
    const say = () => new URLSearchParams(document.querySelector(shown) ? {} : { _capture: capture.id });
    have("seen", { door, say });
  };
  const look = () => {
    const forms = [...document.getElementsByTagName("form")];
    const there = captures.find((capture) => forms.some((form) => finds(form, capture)));
    if (there) see(there);
  };

  /* Pages may draw their forms late. */
  const watch = () => {
    look();
    let soon = 0;
    const watcher = new MutationObserver(() => {
      if (seen) watcher.disconnect();
      else soon ||= setTimeout(() => { soon = 0; look(); }, 300);
    });
    if (captures.length && !seen) watcher.observe(document, { childList: true, subtree: true });
  };

  document.addEventListener("submit", (event) => {
    for (const capture of captures) {
      if (!finds(event.target, capture)) continue;
      see(capture);
      send(event.target, capture);
    }
  }, true);

  fetch(new URL("capture/", door), { credentials: "omit" })
    .then((answer) => (answer.ok ? answer.json() : { captures: [] }))
    .then((said) => { captures = said.captures.filter(isUsable); watch(); })
    .catch(() => complain(`forms of this page are not heard: ${door.origin} cannot be reached, or ${location.origin} is not on the list of sites of the form ${id}.`));
})();
