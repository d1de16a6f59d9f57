/* A form of ours on a page of somebody else's, where <script src=".../f/embed.js" data-form="ID"> stands (or in data-target):
   drawn by our server into a shadow root; with data-as="frame" or a captcha of others, in a frame.
   Its element says leadcrm:shown and leadcrm:sent. */
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || !script.dataset.form) return;
  const { form: id, as, target, title } = script.dataset;
  const door = new URL(`${encodeURIComponent(id)}/`, script.src);
  const here = location.origin;
  const box = document.createElement("div");
  box.setAttribute("data-leadcrm", id);

  const complain = (words) => console.error(`LeadCRM: ${words}`);
  const say = (name) => box.dispatchEvent(new CustomEvent(`leadcrm:${name}`, { bubbles: true, detail: { form: id } }));
  const have = (what, detail) => document.dispatchEvent(new CustomEvent(`leadcrm:${what}`, { detail }));
  const isWeb = (address) => /^https?:$/.test(new URL(address, location.href).protocol);

  /* What the page's address says goes along: tags, values for fields, a signed link. */
  const page = new URL(location.href);
  const word = page.searchParams.get("who") || "";
  page.searchParams.delete("who");
  page.hash = "";
  const asked = new URLSearchParams(page.search);
  if (word) asked.set("who", word);
  const at = page.href.slice(0, 300);

  const why = async () => {
    try {
      await fetch(new URL("embed/?check=1", door), { mode: "no-cors", credentials: "omit" });
    } catch (error) {
      return `${door.origin} cannot be reached, or this page's Content-Security-Policy forbids it (connect-src).`;
    }
    return `the form ${id} is not shown: ${here} is not on its list of sites. Allow it in LeadCRM, on the form's page “Use it”.`;
  };

  const ask = async (check) => {
    let answer;
    try {
      answer = await fetch(new URL(`embed/?${check ? "check=1&" : ""}${asked}`, door), { credentials: "omit" });
    } catch (error) {
      complain(await why());
      return null;
    }
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    complain(`the form ${id} is not shown: ${said.message || answer.status}`);
    return said.message ? { notice: said.message } : null;
  };

  const make = (name, words, attributes) => {
    const made = document.createElement(name);
    if (words) made.textContent = words;
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    return made;
  };

  const dress = (root, css) => {
    if (root.adoptedStyleSheets === undefined || !window.CSSStyleSheet.prototype.replaceSync) {
      root.append(make("style", css));
      return;
    }
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  };

  const notice = (words) => {
    const made = make("div", "", { class: "notice", role: "status", tabindex: "-1" });
    for (const part of words.split(/\n\s*\n/)) made.append(make("p", part.trim()));
    return made;
  };

  /* By a marketer, cleaned by our server; links open beside the page. */
  const written = (html) => {
    const made = notice("");
    made.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    for (const link of made.querySelectorAll("a")) link.target = "_blank";
    return made;
  };

  /* Screen readers are told when its language is another. */
  const speak = (element, shown) => Object.assign(element, { lang: shown.language, dir: shown.direction });

  const clear = (form) => {
    for (const old of form.querySelectorAll(".errorlist, .form-errors")) old.remove();
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    for (const field of form.querySelectorAll("[aria-describedby]")) {
      const kept = field.getAttribute("aria-describedby").split(" ").filter((one) => !one.endsWith("-error"));
      if (kept.length) field.setAttribute("aria-describedby", kept.join(" "));
      else field.removeAttribute("aria-describedby");
    }
  };

  const alarm = (form, words) => {
    const made = make("div", "", { class: "form-errors", role: "alert", tabindex: "-1" });
    made.append(make("strong", words));
    form.prepend(made);
    return made;
  };

  const mark = (form, errors, shown) => {
    const wrong = Object.entries(errors);
    const english = wrong.length === 1 ? "1 field needs your attention." : `${wrong.length} fields need your attention.`;
    const list = alarm(form, shown.attention || english);
    for (const [key, words] of wrong) {
      const field = form.querySelector(`#field-${CSS.escape(key)}`) || form.elements[key];
      const first = field instanceof RadioNodeList ? field[0] : field;
      const around = first && first.closest(".field");
      if (!around) {
        list.append(make("p", words.join(" ")));
        continue;
      }
      const link = make("a", `${shown.named?.[key] ?? ""}${words.join(" ")}`, { href: "#" });
      link.addEventListener("click", (event) => {
        event.preventDefault();
        (first.matches("fieldset") ? first.querySelector("input") : first).focus();
      });
      list.append(link);
      const below = make("p", words.join(" "), { class: "errorlist", id: `field-${key}-error` });
      around.append(below);
      if (!first.matches("fieldset")) first.setAttribute("aria-invalid", "true");
      first.setAttribute("aria-describedby", `${first.getAttribute("aria-describedby") || ""} ${below.id}`.trim());
    }
    list.focus();
  };

  const send = async (form, shown) => {
    clear(form);
    const body = new URLSearchParams();
    for (const [key, value] of new FormData(form)) if (typeof value === "string") body.append(key, value);
    body.set("_at", at);
    have("visitor", body);
    let answer;
    try {
      answer = await fetch(door, { method: "POST", body, credentials: "omit", headers: { Accept: "application/json" } });
    } catch (error) {
      alarm(form, shown.unsent).focus();
      return;
    }
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 422 && said.errors) {
      mark(form, said.errors, shown);
    } else if (!answer.ok) {
      alarm(form, said.message || shown.unsent).focus();
    } else {
      say("sent");
      if (!said.waits_for && shown.redirect && isWeb(shown.redirect)) {
        location.assign(shown.redirect);
        return;
      }
      const thanks = speak(said.waits_for ? notice(shown.mailbox) : written(shown.thanks), shown);
      if (said.full) thanks.append(make("p", shown.full));
      form.replaceWith(thanks);
      thanks.focus();
    }
  };

  const draw = async () => {
    const shown = await ask();
    if (!shown) return;
    if (shown.frame) {
      enframe();
      return;
    }
    const root = box.attachShadow({ mode: "open" });
    if (shown.notice) {
      root.append(notice(shown.notice));
      return;
    }
    dress(root, shown.css);
    const drawn = new DOMParser().parseFromString(shown.html, "text/html"); // escaped by us
    root.append(...drawn.body.childNodes);
    const form = speak(root.querySelector("form"), shown);
    let busy = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      const button = form.querySelector("button[type=submit]");
      button.setAttribute("aria-disabled", "true");
      await send(form, shown);
      button.removeAttribute("aria-disabled");
      busy = false;
    });
    have("conditions", form);
    have("proof", form);
    say("shown");
    have("seen", { door });
  };

  const enframe = () => {
    asked.set("at", here);
    const made = make("iframe", "", { src: new URL(`frame/?${asked}`, door), title: title || "Form" });
    Object.assign(made.style, { display: "block", width: "100%", height: "400px", border: "0" });
    window.addEventListener("message", (event) => {
      const told = event.data;
      if (event.origin !== door.origin || event.source !== made.contentWindow || !told || typeof told !== "object") return;
      if (Number.isFinite(told.leadcrmHeight)) made.style.height = `${Math.min(Math.max(told.leadcrmHeight, 40), 20000)}px`;
      if (told.leadcrmSent === true) say("sent");
      if (typeof told.leadcrmGo === "string" && isWeb(told.leadcrmGo)) location.assign(told.leadcrmGo);
      if (told.leadcrmAsks !== true) return;
      const body = new URLSearchParams();
      have("visitor", body);
      event.source.postMessage({ leadcrmVisitor: body.get("_visitor") || "" }, door.origin);
    });
    box.append(made);
    say("shown");
    have("seen", { door });
  };

  const frame = async () => {
    if (await ask(true)) enframe();
  };

  const begin = () => {
    const there = target ? document.querySelector(target) : null;
    if (target && !there) return complain(`there is no ${target} on this page to show the form ${id} in.`);
    if (there) there.append(box);
    else if (script.isConnected && !document.head.contains(script)) script.after(box);
    else return complain(`the script of the form ${id} stands in the head: say by data-target where the form goes.`);
    return as === "frame" ? frame() : draw();
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
