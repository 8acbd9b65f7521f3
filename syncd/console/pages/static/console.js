// Keeps a page alive: times in the zone of the browser, and its parts anew when the daemon tells of something.
// Without it everything can be read and done; only nothing moves by itself.
"use strict";
(() => {
  const main = document.getElementById("main");
  const language = document.documentElement.lang;
  const state = document.getElementById("link-state");
  const LEAST = 1000; // Milliseconds between two looks at the server.
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const moment = new Intl.DateTimeFormat(language, {
    month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  const full = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "always", style: "short" });

  const ago = (time) => {
    const seconds = (time - Date.now() + skew) / 1000;
    const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) || UNITS[3];
    return relative.format(Math.round(seconds / size), unit);
  };
  // The clock of the server counts: that of a phone may be minutes off.
  const skew = Date.now() - Date.parse(main.dataset.now || new Date().toISOString());

  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  const tellTimes = (root) => {
    for (const element of root.querySelectorAll("time[data-zone]")) {
      const time = new Date(element.dateTime);
      write(element, moment.format(time));
      element.title = full.format(time);
    }
    for (const element of root.querySelectorAll("time[data-ago]")) {
      const time = new Date(element.dateTime);
      write(element, ago(time));
      element.title = full.format(time);
    }
  };

  // --- the parts of the page -----------------------------------------------------------------------------
  const known = new Map();
  for (const piece of document.querySelectorAll("[data-piece]")) known.set(piece.id, piece.innerHTML);
  const figures = (root) => new Map([...root.querySelectorAll("[data-k]")].map((each) => [each.dataset.k, each.textContent]));

  const isTyping = (piece) => {
    const active = document.activeElement;
    return piece.contains(active) && active.matches("input, select, textarea");
  };
  const replace = (piece, html, kind) => {
    const open = [...piece.querySelectorAll("details[open][id]")].map((each) => each.id);
    const active = piece.contains(document.activeElement) ? document.activeElement : null;
    const place = active && (active.id ? `#${CSS.escape(active.id)}` : active.getAttribute("href") ? `[href="${CSS.escape(active.getAttribute("href"))}"]` : active.closest("details[id]") ? `#${CSS.escape(active.closest("details[id]").id)} ${active.tagName}` : "");
    const before = figures(piece);
    piece.className = kind;
    piece.innerHTML = html;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (place) piece.querySelector(place)?.focus({ preventScroll: true });
    for (const each of piece.querySelectorAll("[data-k]")) {
      if (before.has(each.dataset.k) && before.get(each.dataset.k) !== each.textContent) each.classList.add("changed");
    }
    tellTimes(piece);
  };

  let last = 0, waiting = null, isAsking = false;
  const look = () => {
    if (waiting || document.hidden) { isStale = document.hidden || isStale; return; }
    waiting = setTimeout(refresh, Math.max(0, last + LEAST - Date.now()));
  };
  let isStale = false;
  const refresh = async () => {
    waiting = null;
    if (isAsking) { look(); return; }
    isAsking = true; last = Date.now();
    try {
      const address = new URL(location.href);
      address.searchParams.set("fragment", "live");
      const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin", redirect: "manual" });
      if (answer.type === "opaqueredirect") { location.reload(); return; } // The session is over.
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const piece of document.querySelectorAll("[data-piece]")) {
        const found = fresh.getElementById(piece.id);
        if (!found || known.get(piece.id) === found.innerHTML || isTyping(piece)) continue;
        known.set(piece.id, found.innerHTML);
        replace(piece, found.innerHTML, found.className);
      }
    } catch { /* The stream tells whether the connection is lost. */
    } finally {
      isAsking = false;
      if (document.querySelector("[data-pending]")) look();
    }
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden && isStale) { isStale = false; look(); } });

  // --- the stream of events ------------------------------------------------------------------------------
  const say = (name) => {
    if (!state || state.classList.contains(name)) return;
    state.className = `link-state ${name}`;
    state.textContent = state.dataset[name];
  };
  const names = main.dataset.events ? main.dataset.events.split(",") : [];
  const AGAIN = 15000; // Milliseconds until a stream that was refused is asked for again.
  let stream = null, wasLost = false;
  const listen = () => {
    stream?.close();
    stream = new EventSource(`/events?names=${names.join(",")}`);
    stream.addEventListener("open", () => { say("found"); if (wasLost) look(); wasLost = false; });
    stream.addEventListener("error", () => {
      wasLost = true;
      say("lost");
      if (stream.readyState !== EventSource.CLOSED) return; // The browser tries again by itself.
      look(); // If it was refused because the session is over, this leads to signing in.
      setTimeout(listen, AGAIN);
    });
    for (const name of [...names, "lost"]) stream.addEventListener(name, look);
  };
  if (names.length && state) {
    say("wait");
    listen();
    addEventListener("pagehide", () => stream.close());
    // A page that comes back out of the browser's memory is as old as when it was left, and hears nothing.
    addEventListener("pageshow", (event) => { if (event.persisted) { wasLost = true; listen(); } });
  }

  // --- small comforts ------------------------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    const isTypingNow = event.target.matches("input, select, textarea");
    if (event.key === "Escape") {
      for (const each of document.querySelectorAll("details.menu[open], details.sure[open]")) {
        each.removeAttribute("open");
        each.querySelector("summary").focus();
      }
    } else if (event.key === "/" && !isTypingNow && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const field = document.querySelector("form[role=search] input[type=search]");
      if (field) { event.preventDefault(); field.focus(); field.select(); }
    }
  });
  document.addEventListener("click", (event) => {
    for (const each of document.querySelectorAll("details.menu[open]")) {
      if (!each.contains(event.target)) each.removeAttribute("open");
    }
  });
  document.querySelector(".places [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  tellTimes(document);
  setInterval(() => tellTimes(document), 5000);
  if (document.querySelector("[data-pending]")) look();
})();
