/* Visits: nothing is sent or kept before leadcrm("consent", true); false deletes the cookie. leadcrm("page"): a new address
   without loading. leadcrm("visitor", f): f gets the cookie. */
((w, d) => {
  "use strict";
  const me = d.currentScript.dataset, home = new URL(d.currentScript.src).origin, to = `${home}/t/${me.website}/`;
  const NAME = "leadcrm_visitor", KEPT = /^(utm_\w+|gclid|fbclid|msclkid|who)$/;
  let queue = [], busy, tries = 0, last;

  const refuses = () => navigator.globalPrivacyControl || navigator.doNotTrack === "1";
  const cookie = () => (d.cookie.match(`(?:^|; )${NAME}=([0-9a-f]{32})`) || [])[1];
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => (n + 256).toString(16).slice(1)).join("");
  const keep = (value) => {
    d.cookie = `${NAME}=${value}; path=/; max-age=${value ? 31536000 : 0}; SameSite=Lax${
      me.domain ? `; domain=${me.domain}` : ""}${location.protocol === "https:" ? "; Secure" : ""}`;
  };
  const plain = (address) => {
    if (!address) return "";
    const url = new URL(address);
    for (const key of [...url.searchParams.keys()]) KEPT.test(key) || url.searchParams.delete(key);
    return url.origin + url.pathname + url.search;
  };
  const body = (hits) => JSON.stringify({ v: cookie(), h: hits.map(({ s, ...hit }) => ({ ...hit, a: Date.now() - s })) });

  const send = () => {
    if (busy || !queue.length || !cookie()) return;
    const part = queue.slice(0, 20);
    const again = () => {
      busy = 0;
      if (tries++ < 5) setTimeout(send, 2000 * tries * tries);
    };
    busy = 1;
    fetch(to, { method: "POST", body: body(part), keepalive: true, credentials: "omit" }).then(({ status }) => {
      if (status === 429 || status > 499) return again();
      queue = queue.filter((hit) => !part.includes(hit));
      busy = tries = 0;
      send();
    }, again);
  };
  const page = () => {
    if (!cookie() || last === location.href) return;
    queue.push({ i: random(), u: plain(location.href), t: d.title, r: plain(last || d.referrer), s: Date.now() });
    last = location.href;
    send();
  };
  const consent = (given) => {
    if (given && !refuses()) {
      keep(cookie() || random());
      page();
    } else {
      keep(last = "");
      queue = [];
    }
  };
  const asked = w.leadcrm?.q || [];
  const api = w.leadcrm = (what, more) => ({ consent, page, visitor: (f) => f(cookie() || "") })[what](more);

  d.addEventListener("submit", ({ target }) => {
    if (!new URL(target.getAttribute("action") || "", location).href.startsWith(`${home}/f/`)) return;
    target.querySelectorAll("[name=_visitor]").forEach((one) => one.remove());
    if (cookie()) target.append(Object.assign(d.createElement("input"), { type: "hidden", name: "_visitor", value: cookie() }));
  }, true);
  addEventListener("pagehide", () => queue.length && cookie() && navigator.sendBeacon(to, body(queue.slice(0, 20))));

  if (cookie()) consent(true);
  for (const call of asked) api(...call);
})(window, document);
