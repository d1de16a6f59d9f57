/* A list that keeps itself fresh. [data-live] names its own address, [data-live-news] the address that answers 304
   while nothing has changed. Only when there is news is the list fetched, and only rows that differ are exchanged:
   focus, scroll and open menus stay. Hidden tabs do not ask. [data-live-stale] is shown while it does not succeed. */
(() => {
  "use strict";
  const EVERY = 1000;
  const SLOWEST = 15000;
  const SAID_FOR = 15000;
  const FORGIVEN = 2;
  let wait = EVERY;
  let failures = 0;
  let lastFresh = new Date();
  let timer = 0;
  let busy = false;
  let silence = 0;

  const live = () => document.querySelector("[data-live]");
  const rowsOf = (part) => [...part.querySelectorAll("tbody > tr")];

  /* Says who arrived, wherever in the list that was; a name leads to its row. */
  const say = (arrived) => {
    const region = live().querySelector("[data-live-said]");
    if (!region) return;
    const names = arrived.slice(0, 3).map((row) => {
      const opener = row.querySelector("a[data-open]");
      const link = document.createElement("a");
      link.href = `#${opener.id}`;
      link.textContent = opener.textContent.trim();
      return link;
    });
    region.replaceChildren(`${arrived.length} new: `, ...names.flatMap((link, place) => (place ? [", ", link] : [link])));
    window.clearTimeout(silence);
    silence = window.setTimeout(() => region.replaceChildren(), SAID_FOR);
  };

  const keepTicks = (old, fresh) => {
    const boxes = fresh.querySelectorAll("input[type=checkbox]");
    old.querySelectorAll("input[type=checkbox]").forEach((box, place) => {
      if (boxes[place]) boxes[place].checked = box.checked;
    });
  };

  /* Puts the rows of `fresh` in place, keeping every row that is the same; gives back those that were not there. */
  const exchange = (body, fresh) => {
    const known = new Map(rowsOf(body).map((row) => [row.id, row]));
    const held = document.activeElement.closest("[data-live] tr");
    const place = held ? rowsOf(body).indexOf(held) : -1;
    const kept = document.activeElement.id;
    const arrived = [];
    rowsOf(fresh).forEach((row, index) => {
      const old = known.get(row.id);
      let use = old;
      if (!old || old.dataset.version !== row.dataset.version) {
        use = document.adoptNode(row);
        window.htmx.process(use);
        if (old) keepTicks(old, use);
        if (old) old.replaceWith(use);
        else {
          use.classList.add("new");
          arrived.push(use);
        }
      }
      known.delete(row.id);
      const target = body.querySelector("tbody");
      if (target.children[index] !== use) target.insertBefore(use, target.children[index] || null);
    });
    for (const gone of known.values()) gone.remove();
    if (held && !held.contains(document.activeElement)) {
      const again = (kept && document.getElementById(kept)) || (document.getElementById(held.id) || {}).firstElementChild;
      const next = rowsOf(body)[Math.min(place, rowsOf(body).length - 1)];
      const link = again || (next && next.querySelector("a[data-open]"));
      if (link) link.focus({ preventScroll: true });
    }
    return arrived;
  };

  const draw = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const text of page.querySelectorAll("[data-live-text]")) {
      for (const shown of document.querySelectorAll(`[data-live-text="${text.dataset.liveText}"]`)) {
        if (shown.textContent !== text.textContent) shown.textContent = text.textContent;
        const badge = shown.closest(".rail b");
        if (badge) badge.hidden = text.textContent === "0";
      }
    }
    let arrived = [];
    const focused = document.activeElement.id;
    for (const fresh of page.querySelectorAll("[data-live-part]")) {
      const shown = live().querySelector(`[data-live-part="${fresh.dataset.livePart}"]`);
      if (!shown) continue;
      if (shown.querySelector("tbody") && fresh.querySelector("tbody")) arrived = exchange(shown, fresh);
      else if (shown.innerHTML !== fresh.innerHTML) {
        arrived = arrived.concat(rowsOf(fresh));
        shown.replaceWith(document.adoptNode(fresh));
        window.htmx.process(fresh);
        for (const row of rowsOf(fresh)) row.classList.add("new");
      }
    }
    const again = focused && document.activeElement === document.body && document.getElementById(focused);
    if (again) again.focus({ preventScroll: true });
    if (arrived.length) say(arrived);
    document.dispatchEvent(new Event("leadcrm:changed"));
  };

  /* Whether the list is now what the server has; throws when there is no answer. A redirect leads to the sign-in. */
  const refresh = async (list) => {
    const news = await fetch(list.dataset.liveNews, {
      headers: { "If-None-Match": `"${list.dataset.liveToken}"` }, cache: "no-store", redirect: "manual",
    });
    if (news.status === 304) return true;
    if (news.status !== 200) return false;
    const answer = await fetch(list.dataset.live, { headers: { "HX-Request": "true" }, cache: "no-store" });
    const html = await answer.text();
    const token = /data-live-fresh="([0-9a-f]+)"/.exec(html);
    if (!answer.ok || !token) return false;
    list.dataset.liveToken = token[1];
    draw(html);
    return true;
  };

  /* After two tries without success the page says since when it has not refreshed. */
  const report = (succeeded) => {
    failures = succeeded ? 0 : failures + 1;
    if (succeeded) lastFresh = new Date();
    const note = live().querySelector("[data-live-stale]");
    if (!note || note.hidden === failures < FORGIVEN) return;
    note.querySelector("time").textContent = lastFresh.toTimeString().slice(0, 5);
    note.hidden = failures < FORGIVEN;
  };

  const ask = async () => {
    const list = live();
    if (!list || busy || document.hidden) return;
    busy = true;
    let succeeded = false;
    try {
      succeeded = await refresh(list);
    } catch {
      succeeded = false; // no answer
    } finally {
      busy = false;
    }
    wait = succeeded ? EVERY : Math.min(wait * 2, SLOWEST);
    report(succeeded);
  };

  const next = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(async () => {
      await ask();
      next();
    }, wait);
  };

  const now = async () => {
    await ask();
    next();
  };

  document.addEventListener("visibilitychange", () => { if (!document.hidden) now(); });
  document.addEventListener("leadcrm:refresh", now);
  document.addEventListener("DOMContentLoaded", next);
})();
