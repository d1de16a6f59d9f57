/* A record beside its list: table[data-panel] opens the main link of a row in a panel on the right, as wide screens have
   room for it; on others, and with Ctrl, it is an ordinary link. J, K and the arrows go from row to row, Esc closes, and
   the address says which record is open. Forms within the panel are sent from there, and the row is drawn anew. */
(() => {
  "use strict";
  const WIDE = "(min-width: 1100px)";
  const panel = () => document.getElementById("panel");
  const table = () => document.querySelector("table[data-panel]");
  const links = () => [...table().querySelectorAll("a[data-open]")];
  const isOpen = () => Boolean(panel()) && !panel().hidden;
  const idOf = (url) => (/\/(\d+)\/$/.exec(new URL(url, window.location.href).pathname) || [])[1];
  const tell = (words) => document.dispatchEvent(new CustomEvent("leadcrm:tell", { detail: { words } }));
  let shown = ""; // the address of the record in the panel
  let asked = 0;
  let sheetIsOurs = false;

  const parse = (html) => new DOMParser().parseFromString(html, "text/html");
  const rowOf = (url) => links().find((link) => idOf(link.href) === idOf(url));

  const mark = () => {
    for (const link of links()) {
      const here = isOpen() && idOf(link.href) === idOf(shown);
      link.closest("tr").toggleAttribute("data-shown", here);
      if (here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const at = links().findIndex((link) => idOf(link.href) === idOf(shown));
    panel().querySelector("[data-panel-go='-1']").disabled = at <= 0;
    panel().querySelector("[data-panel-go='1']").disabled = at < 0 || at >= links().length - 1;
  };

  const address = (id) => {
    const url = new URL(window.location.href);
    if (id) url.searchParams.set("panel", id);
    else url.searchParams.delete("panel");
    return url;
  };

  const draw = (page) => {
    const main = page.getElementById("main");
    const body = panel().querySelector("[data-panel-body]");
    for (const element of main.querySelectorAll("[hx-push-url]")) element.removeAttribute("hx-push-url");
    body.replaceChildren(...[...main.childNodes].map((node) => document.adoptNode(node)));
    body.scrollTop = 0;
    window.htmx.process(body);
    const heading = body.querySelector("h1");
    panel().setAttribute("aria-label", heading ? heading.textContent.trim() : "Record");
  };

  const load = async (url) => {
    const mine = ++asked;
    shown = url;
    panel().querySelector("[data-panel-page]").href = url;
    panel().setAttribute("aria-busy", "true");
    mark();
    try {
      const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
      const page = parse(await answer.text());
      if (mine !== asked) return; // another row was asked for meanwhile
      if (!page.getElementById("main")) throw new Error(String(answer.status));
      draw(page);
      document.dispatchEvent(new CustomEvent("leadcrm:opened", { detail: { url } }));
    } catch {
      if (mine === asked) window.location.href = url; // what cannot be shown here has a page of its own
    } finally {
      if (mine === asked) panel().removeAttribute("aria-busy");
    }
  };

  const open = (url, { remember = true } = {}) => {
    const first = !isOpen();
    panel().hidden = false;
    document.body.classList.add("with-panel");
    if (remember) window.history[first ? "pushState" : "replaceState"](null, "", address(idOf(url)));
    load(url);
  };

  const close = ({ remember = true } = {}) => {
    if (!isOpen()) return;
    const link = rowOf(shown);
    asked += 1;
    panel().hidden = true;
    document.body.classList.remove("with-panel");
    mark();
    shown = "";
    if (remember) window.history.pushState(null, "", address(""));
    if (link) link.focus();
  };

  const go = (step) => {
    const all = links();
    const next = all[all.findIndex((link) => idOf(link.href) === idOf(shown)) + step];
    if (!next) return;
    next.closest("tr").scrollIntoView({ block: "nearest" });
    open(next.href);
  };

  const redrawRow = async (url) => {
    const answer = await fetch(address("").href, { headers: { "X-Requested-With": "fetch" } });
    const page = parse(await answer.text());
    const old = rowOf(url);
    if (!answer.ok || !old) return;
    const fresh = [...page.querySelectorAll("table[data-panel] a[data-open]")].find(
      (link) => idOf(link.href) === idOf(url),
    );
    if (!fresh) return; // it left the list: it stays in sight until the list is loaded anew
    const row = document.adoptNode(fresh.closest("tr"));
    const box = row.querySelector("input[type=checkbox]");
    const was = old.closest("tr").querySelector("input[type=checkbox]");
    if (box && was) box.checked = was.checked;
    old.closest("tr").replaceWith(row);
    window.htmx.process(row);
    mark();
  };

  const send = async (form, submitter) => {
    const inSheet = Boolean(form.closest("#sheet"));
    const of = shown; // another row may be in the panel, or it be closed, when the answer comes
    const answer = await fetch(submitter && submitter.hasAttribute("formaction") ? submitter.formAction : form.action, {
      method: "POST", body: new FormData(form, submitter), headers: { "X-Requested-With": "fetch" },
    });
    const page = parse(await answer.text());
    const part = inSheet && !answer.redirected && page.querySelector("[data-sheet-part]");
    if (part) {
      document.getElementById("sheet-body").replaceChildren(document.adoptNode(part));
      window.htmx.process(part);
      return;
    }
    if (inSheet) document.getElementById("sheet").close();
    const said = [...page.querySelectorAll(".messages .note")].map((note) => note.textContent.trim()).join(" ");
    if (shown === of) {
      if (answer.redirected && answer.ok) await load(of);
      else if (page.getElementById("main")) draw(page);
    }
    if (said) tell(said);
    await redrawRow(of);
  };

  document.addEventListener("click", (event) => {
    const sheet = event.target.closest("a[data-sheet]");
    if (sheet) sheetIsOurs = isOpen() && Boolean(sheet.closest("#panel, #palette"));
    const step = event.target.closest("[data-panel-go]");
    if (step) go(Number(step.dataset.panelGo));
    if (event.target.closest("[data-panel-close]")) close();
    const link = event.target.closest("table[data-panel] a[data-open]");
    if (!link || !panel() || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (!window.matchMedia(WIDE).matches) return;
    event.preventDefault();
    open(link.href);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const ours = form.closest("#panel") || (sheetIsOurs && form.closest("#sheet"));
    const byHtmx = ["hx-post", "hx-get", "hx-put"].some((name) => form.hasAttribute(name));
    if (!isOpen() || !ours || form.method !== "post" || byHtmx || event.defaultPrevented) return;
    event.preventDefault();
    send(form, event.submitter).catch(() => tell("No answer. Check the connection; nothing was changed."));
  });

  document.addEventListener("keydown", (event) => {
    if (!isOpen() || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select, [contenteditable]") || event.ctrlKey || event.metaKey) return;
    const within = event.target.closest("[data-panel-body], td.editing, a[data-cell]");
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown" && !within && !event.altKey) go(1);
    else if (event.key === "ArrowUp" && !within && !event.altKey) go(-1);
    else return;
    event.preventDefault();
  });

  document.addEventListener("leadcrm:row", (event) => {
    if (isOpen() && event.target.closest("table[data-panel]")) open(event.target.href);
  });

  const follow = () => {
    const id = new URLSearchParams(window.location.search).get("panel");
    if (!panel() || !table()) return;
    if (!id || !/^\d+$/.test(id) || !window.matchMedia(WIDE).matches) close({ remember: false });
    else if (!isOpen() || idOf(shown) !== id) open(`${window.location.pathname}${id}/`, { remember: false });
  };
  window.addEventListener("popstate", follow);
  document.addEventListener("DOMContentLoaded", follow);
})();
