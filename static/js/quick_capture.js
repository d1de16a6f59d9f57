/* form[data-capture]: what cannot be sent waits in this browser, and is sent when there is a connection again.

   Each entry carries its own token, so that what was sent but never answered is not kept twice. What waits belongs to
   whoever typed it: nobody else who signs in on this device sends it. What the server refuses stays with what is wrong
   with it until it comes back into a form that somebody sees, which never takes the place of what is being typed.
   Several tabs share what waits: one of them sends at a time where browsers can see to that, and what was sent is taken
   out by its token, wherever it stands by then.
   Without this script the form is posted like any other. */
(() => {
  "use strict";
  const form = document.querySelector("[data-capture]");
  if (!form || !window.localStorage) return;
  const note = document.querySelector("[data-queue]");
  const says = note.querySelector("[data-queue-says]");
  const again = note.querySelector("[data-queue-send]");
  const opens = note.querySelector("[data-queue-open]");
  const link = note.querySelector("[data-queue-link]"); // to this page, by way of signing in where that is needed
  const KEY = `capture:${form.dataset.user}`;
  const PATIENCE = 20000; // ms: a tab that a telephone has put to sleep keeps no other from sending
  const WRONG = "_errors"; // beside the fields of an entry that was refused: words by field; none if it was put aside
  const occasion = form.querySelector('[name="occasion"]');
  const chosen = occasion.value;
  let sending = false;
  let problem = ""; // with what is in the form

  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || [];
    } catch {
      return [];
    }
  };
  const write = (queue) => {
    if (queue.length) localStorage.setItem(KEY, JSON.stringify(queue));
    else localStorage.removeItem(KEY);
  };
  /* One tab changes the queue at a time: what is read here is what is written upon. */
  const change = async (changed) => {
    const work = () => write(changed(read()));
    await (navigator.locks ? navigator.locks.request(KEY, work) : work());
  };
  /* One tab sends at a time. Twice would do no harm, since the server knows the token. */
  const inTurn = async (work) => {
    if (!navigator.locks || !AbortSignal.timeout) return work();
    try {
      return await navigator.locks.request(`${KEY}:sending`, { signal: AbortSignal.timeout(PATIENCE) }, work);
    } catch (error) {
      if (error.name !== "TimeoutError") throw error;
      return work();
    }
  };
  const tokenOf = (entry) => new Map(entry).get("_token");
  const errorsOf = (entry) => new Map(entry).get(WRONG);
  const waiting = () => read().filter((entry) => !errorsOf(entry));
  const refused = () => read().filter(errorsOf);
  const whoOf = (entry) => {
    const said = new Map(entry);
    return [said.get("first_name"), said.get("last_name")].filter(Boolean).join(" ") || said.get("email") || "somebody";
  };
  const show = () => {
    const [waits, wrong] = [waiting().length, refused()];
    const words = [problem, waits && `${waits} waiting to be sent.`, wrong.length && `${wrong.length} not saved yet.`];
    note.hidden = !words.some(Boolean);
    says.textContent = words.filter(Boolean).join(" ");
    again.hidden = !waits;
    opens.hidden = !wrong.length;
    if (!wrong.length) return;
    const isAside = !Object.keys(errorsOf(wrong[0])).length;
    opens.textContent = `${isAside ? "Go on with" : "Correct"} ${whoOf(wrong[0])}`;
  };
  const newToken = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return `q${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  };
  const entryOf = () => [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  const OURS = ["csrfmiddlewaretoken", "_token", "occasion"]; // what the page puts into the form, and nobody types
  const typedIn = (one) => JSON.stringify([...new FormData(one)].filter(([name]) => !OURS.includes(name)));
  const empty = form.cloneNode(true);
  empty.reset(); // browsers fill in again what was typed before the page was loaded anew
  const isFilled = () => typedIn(form) !== typedIn(empty);
  const isTouched = () => isFilled() || Boolean(form.querySelector("[aria-invalid]"));
  const begin = () => form.querySelector("input:not([type=hidden])").focus();
  const refill = (entry) => {
    form.reset();
    for (const [name, value] of entry) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === value;
        else field.value = value;
      }
    }
  };

  const mark = (keys) => {
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    const fields = keys.map((key) => document.getElementById(`field-${key}`)).filter(Boolean);
    for (const field of fields) field.setAttribute("aria-invalid", "true");
    if (fields.length) fields[0].focus();
  };

  /* What is wrong, each sentence once, behind all fields it is said of. */
  const wrong = (errors) => {
    const named = new Map();
    for (const [key, words] of Object.entries(errors)) {
      const label = form.querySelector(`label[for="${CSS.escape(`field-${key}`)}"]`);
      const names = named.get(words.join(" ")) || [];
      named.set(words.join(" "), label ? [...names, label.firstChild.textContent.trim()] : names);
    }
    return [...named].map(([words, names]) => (names.length ? `${names.join(", ")}: ${words}` : words)).join(" ");
  };

  /* Takes one that was refused out of what waits and into the form. What is being typed there is put aside. */
  const open = async (token) => {
    let found;
    await change((queue) => {
      found = queue.find((entry) => tokenOf(entry) === token); // unless another tab was first
      if (!found) return queue;
      const aside = isFilled() ? [[...entryOf(), [WRONG, {}]]] : [];
      refill(found.filter(([name]) => name !== WRONG)); // at once, so that no key is pressed in between
      return [...queue.filter((entry) => entry !== found), ...aside];
    });
    if (found) {
      const errors = errorsOf(found);
      begin();
      mark(Object.keys(errors));
      problem = Object.keys(errors).length ? `Not saved; it is in the form again. ${wrong(errors)}` : "";
    }
    show();
  };

  /* Gives "sent", "refused" (with what is wrong) or "later": for want of a connection, or of what `needs` says. Only
     whoever is signed out is sent elsewhere. */
  const post = async (entry) => {
    const body = new URLSearchParams(entry);
    try {
      const answer = await fetch(form.action || location.href, {
        method: "POST",
        body,
        redirect: "manual",
        headers: {
          Accept: "application/json",
          "X-CSRFToken": form.querySelector('[name="csrfmiddlewaretoken"]').value,
        },
      });
      if (answer.ok) return { done: "sent", who: (await answer.json()).who };
      if (answer.status === 422) return { done: "refused", errors: (await answer.json()).errors };
      return { done: "later", needs: answer.type === "opaqueredirect" ? "Sign in again" : "Open this page again" };
    } catch {
      return { done: "later" };
    }
  };

  const sendAll = async () => {
    let sent = 0;
    link.hidden = true;
    for (let [first] = waiting(); first; [first] = waiting()) {
      const token = tokenOf(first);
      const result = await post(first);
      if (result.done === "later") {
        link.textContent = result.needs || "";
        link.hidden = !result.needs;
        return;
      }
      const left = result.done === "refused" ? [[...first, [WRONG, result.errors]]] : [];
      await change((queue) => queue.flatMap((entry) => (tokenOf(entry) === token ? left : [entry])));
      sent += 1 - left.length;
    }
    if (isTouched()) return;
    const [next] = refused();
    if (next && document.visibilityState === "visible") await open(tokenOf(next));
    else if (sent && !next) location.reload(); // the last ones are listed with who they became
  };
  const send = async () => {
    if (sending) return;
    sending = true;
    try {
      await inTurn(sendAll);
    } finally {
      sending = false;
      show();
    }
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const entry = entryOf();
    const token = tokenOf(entry);
    await change((queue) => [...queue.filter((one) => tokenOf(one) !== token), entry]); // once, if pressed twice
    problem = "";
    form.reset();
    mark([]);
    form.querySelector('[name="_token"]').value = newToken();
    occasion.value = chosen; // what was corrected may have been of another
    show();
    scrollTo(0, 0);
    begin();
    await send();
  });
  again.addEventListener("click", send);
  opens.addEventListener("click", () => {
    const [next] = refused();
    if (next) open(tokenOf(next));
  });
  addEventListener("online", send);
  addEventListener("storage", ({ key }) => {
    if (key === KEY) show();
  });
  setInterval(() => {
    if (read().length) send();
  }, 15000);
  show();
  if (read().length) send();
})();
