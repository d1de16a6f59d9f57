/* form[data-capture]: what cannot be sent waits in this browser, and is sent when there is a connection again.

   Each entry carries its own token, so that what was sent but never answered is not kept twice. What waits belongs to
   whoever typed it: nobody else who signs in on this device sends it. What the server refuses comes back into the form.
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
  const link = note.querySelector("[data-queue-link]"); // to this page, by way of signing in where that is needed
  const KEY = `capture:${form.dataset.user}`;
  const PATIENCE = 20000; // ms: a tab that a telephone has put to sleep keeps no other from sending
  let sending = false;
  let problem = "";

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
  const show = () => {
    const waiting = read().length;
    note.hidden = !waiting && !problem;
    says.textContent = problem || `${waiting} waiting to be sent.`;
    again.hidden = !waiting;
  };
  const newToken = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return `q${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  };
  const tokenOf = (entry) => new Map(entry).get("_token");
  const entryOf = () => [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
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
    problem = "";
    link.hidden = true;
    for (let queue = read(); queue.length; queue = read()) {
      const [first] = queue;
      const result = await post(first);
      if (result.done === "later") {
        if (result.needs) {
          problem = `${read().length} waiting to be sent.`;
          link.textContent = result.needs;
          link.hidden = false;
        }
        break;
      }
      await change((waiting) => waiting.filter((entry) => tokenOf(entry) !== tokenOf(first)));
      if (result.done === "refused") {
        refill(first);
        problem = `Not saved; it is in the form again. ${wrong(result.errors)}`;
        mark(Object.keys(result.errors));
        break;
      }
      if (!read().length) location.reload(); // the last ones are listed with who they became
    }
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
    await change((waiting) => [...waiting.filter((one) => tokenOf(one) !== token), entry]); // once, if pressed twice
    problem = "";
    form.reset();
    mark([]);
    form.querySelector('[name="_token"]').value = newToken();
    show();
    scrollTo(0, 0);
    form.querySelector("input:not([type=hidden])").focus();
    await send();
  });
  again.addEventListener("click", send);
  addEventListener("online", send);
  addEventListener("storage", ({ key }) => {
    if (key === KEY && !problem) show();
  });
  setInterval(() => {
    if (read().length) send();
  }, 15000);
  show();
  if (read().length) send();
})();
