/* A small piece of work that a browser does before a form is sent, where the form asks for it (an input named _proof with
   data-bits): a number whose hash with the form's token begins with so many zeros. Done bit by bit while people type, with
   a SHA-256 of its own, since browsers lend theirs to HTTPS pages only. */
(() => {
  "use strict";
  const K = [];
  const H = [];
  for (let n = 2; K.length < 64; n += 1) {
    let prime = true;
    for (let d = 2; d * d <= n; d += 1) if (n % d === 0) prime = false;
    if (!prime) continue;
    if (H.length < 8) H.push(Math.floor((Math.sqrt(n) % 1) * 2 ** 32) | 0);
    K.push(Math.floor((Math.cbrt(n) % 1) * 2 ** 32) | 0);
  }
  const words = new Int32Array(64);

  const compress = (state, block) => {
    for (let i = 0; i < 16; i += 1) words[i] = block[i];
    for (let i = 16; i < 64; i += 1) {
      const a = words[i - 15];
      const b = words[i - 2];
      const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
      const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
      words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    const sums = [a, b, c, d, e, f, g, h];
    for (let i = 0; i < 8; i += 1) state[i] = (state[i] + sums[i]) | 0;
  };

  /* The first word of the SHA-256 of ASCII text. */
  const first = (text) => {
    const blocks = ((text.length + 8) >> 6) + 1;
    const padded = new Int32Array(blocks * 16);
    for (let i = 0; i < text.length; i += 1) padded[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
    padded[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
    padded[blocks * 16 - 1] = text.length * 8;
    const state = H.slice();
    for (let i = 0; i < blocks; i += 1) compress(state, padded.subarray(i * 16, i * 16 + 16));
    return state[0] >>> 0;
  };

  const begin = (form) => {
    const input = form.querySelector("input[name=_proof][data-bits]");
    const token = form.querySelector("input[name=_token]");
    if (!input || !token || input.dataset.begun) return;
    input.dataset.begun = "yes";
    const shift = 32 - Number(input.dataset.bits);
    let number = 0;
    const work = (until) => {
      while (!input.value) {
        if (first(`${token.value}:${number}`) >>> shift === 0) input.value = String(number);
        number += 1;
        if (number % 256 === 0 && performance.now() > until) return;
      }
    };
    const on = () => {
      work(performance.now() + 8);
      if (!input.value) setTimeout(on, 4);
    };
    on();
    form.addEventListener("submit", () => work(Infinity), true);
  };

  document.addEventListener("leadcrm:proof", (event) => begin(event.detail));
  if (document.currentScript && document.currentScript.dataset.form) return;
  document.querySelectorAll("form").forEach(begin);
})();
