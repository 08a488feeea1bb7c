// The page of queries works without this file. With it: Ctrl+Enter, an answer without a new page, a
// query that can be stopped, completion of names, and a tree whose names are inserted by a press.
(() => {
  "use strict";

  const desk = document.getElementById("meja");
  if (!desk) return;
  const form = document.getElementById("kueri");
  const editor = document.getElementById("sql");
  const news = document.getElementById("kabar-kueri");
  const running = document.getElementById("berjalan");
  const say = (text) => { news.textContent = ""; setTimeout(() => { news.textContent = text; }, 50); };

  document.getElementById("kerja").classList.add("js-run");
  for (const keys of document.querySelectorAll("[data-keys]")) keys.hidden = false;

  // ---- Running
  const newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  let current = null;

  const put = (text) => {
    const found = new DOMParser().parseFromString(text, "text/html");
    for (const id of ["hasil", "daftar"]) {
      const fresh = found.getElementById(id);
      if (fresh) document.getElementById(id).replaceWith(document.adoptNode(fresh));
    }
    const fault = document.getElementById("salah");
    editor.toggleAttribute("aria-invalid", !!fault);
    if (fault) editor.setAttribute("aria-describedby", "salah");
    else editor.removeAttribute("aria-describedby");
    if (fault) fault.focus();
    const told = document.getElementById("ringkas");
    if (told) say(told.textContent);
  };

  const run = async (button) => {
    if (current) return;
    form.elements.id.value = newId();
    const fields = new URLSearchParams(new FormData(form));
    if (button && button.name) fields.append(button.name, button.value);
    const address = (button && button.getAttribute("formaction")) || form.getAttribute("action");
    const stop = new AbortController();
    current = { id: form.elements.id.value, stop, began: Date.now() };
    const shown = setTimeout(() => { running.hidden = false; }, 300);
    const ticking = setInterval(() => {
      const place = document.getElementById("lama");
      place.textContent = place.dataset.seconds.replace("{n}", Math.round((Date.now() - current.began) / 1000));
    }, 1000);
    try {
      const answer = await fetch(address, { method: "POST", body: fields, signal: stop.signal, headers: { Accept: "text/html" } });
      if (answer.redirected) { location.href = answer.url; return; }
      put(await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") say(news.dataset.broken);
    } finally {
      clearTimeout(shown);
      clearInterval(ticking);
      document.getElementById("lama").textContent = "";
      running.hidden = true;
      current = null;
      form.elements.id.value = "";
    }
  };

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.target !== form) return;
    if (current && button && button.id === "batal") {
      // The query ends with a refusal that says so; it comes back through the running request.
      event.preventDefault();
      fetch(`/api/v1/queries/${current.id}/cancel`, { method: "POST" }).then((answer) => {
        if (!answer.ok && current) current.stop.abort();
      });
      return;
    }
    if (button && !button.hasAttribute("data-run")) return;
    event.preventDefault();
    run(button);
  });

  editor.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      close();
      run(form.querySelector("[data-run]"));
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.id !== "tempat") return;
    const fault = document.getElementById("salah");
    event.preventDefault();
    editor.focus();
    editor.setSelectionRange(+fault.dataset.start, +fault.dataset.end);
  });

  // ---- The tree
  const insert = (text, back = 0) => {
    editor.focus();
    const start = editor.selectionStart - back;
    editor.setRangeText(text, start, editor.selectionEnd, "end");
    editor.dispatchEvent(new Event("input"));
    close();
  };
  const quoted = (name) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);
  const tables = [...document.querySelectorAll(".table-of")].map((place) => ({
    place,
    name: place.dataset.table,
    columns: [...place.querySelectorAll("li code")].map((code) => code.textContent),
  }));
  const pressable = (code, text) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "name";
    button.textContent = code.textContent;
    button.addEventListener("click", () => {
      const before = editor.value.slice(0, editor.selectionStart);
      insert(/[\w")]$/.test(before) ? ` ${text}` : text);
    });
    code.replaceChildren(button);
  };
  for (const { place, name } of tables) {
    place.addEventListener("toggle", () => {
      if (!place.open || place.dataset.ready) return;
      place.dataset.ready = "1";
      for (const code of place.querySelectorAll("li code")) pressable(code, quoted(code.textContent));
      const whole = document.createElement("code");
      whole.textContent = name;
      pressable(whole, name);
      place.querySelector(".about").prepend(whole, " ");
    });
  }
  const filter = document.getElementById("saring");
  const filtered = document.getElementById("tersaring");
  filter.form.addEventListener("submit", (event) => event.preventDefault());
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    let seen = 0;
    for (const { place, name, columns } of tables) {
      const own = name.includes(wanted) || place.querySelector("summary").title.toLowerCase().includes(wanted);
      const one = own || columns.some((column) => column.toLowerCase().includes(wanted));
      place.hidden = !one;
      place.open = !!wanted && !own && one;
      if (one) seen += 1;
    }
    for (const agency of document.querySelectorAll(".agency")) {
      agency.hidden = !agency.querySelector(".table-of:not([hidden])");
      if (wanted) agency.open = true;
    }
    filtered.textContent = seen ? filtered.dataset.some.replace("{n}", seen) : filtered.dataset.none;
    filtered.classList.toggle("hidden", !!seen);
  });

  // ---- Completion: a strip below the editor; ↓ goes into it, Enter takes, Esc closes, Tab leaves.
  const hints = document.getElementById("saran");
  const KEYWORDS = "SELECT FROM WHERE GROUP BY ORDER BY HAVING LIMIT JOIN LEFT JOIN USING ON AS AND OR NOT IN BETWEEN LIKE ILIKE IS NULL CASE WHEN THEN ELSE END DISTINCT UNION ALL WITH OVER PARTITION BY QUALIFY TRY_CAST CAST DESC ASC NULLS LAST".split(" ");
  let functions = null, active = -1;

  const fetchWords = () => {
    if (functions) return;
    functions = [];
    fetch(desk.dataset.words).then((answer) => (answer.ok ? answer.json() : null)).then((told) => {
      if (told) functions = told.functions;
    }).catch(() => {});
  };
  editor.addEventListener("focus", fetchWords, { once: true });

  const close = () => {
    hints.hidden = true;
    hints.replaceChildren();
    active = -1;
    editor.removeAttribute("aria-activedescendant");
  };

  const word = () => {
    const before = editor.value.slice(0, editor.selectionStart);
    return /[A-Za-z_][A-Za-z0-9_.]*$/.exec(before)?.[0] ?? "";
  };

  const candidates = (typed) => {
    const wanted = typed.toLowerCase();
    const text = editor.value.toLowerCase();
    const used = tables.filter(({ name }) => text.includes(name));
    const [owner, part] = wanted.includes(".") ? [wanted.split(".")[0], wanted.split(".").pop()] : ["", wanted];
    const found = new Map();
    const add = (shown, inserted, back) => {
      if (!found.has(shown)) found.set(shown, { inserted, back });
    };
    if (owner) {
      for (const { name } of tables) if (name.startsWith(wanted)) add(name, name, typed.length);
      for (const { columns } of used) {
        for (const column of columns) if (column.toLowerCase().startsWith(part)) add(column, quoted(column), part.length);
      }
    } else {
      const from = (used.length ? used : tables).flatMap(({ columns }) => columns);
      for (const column of from) if (column.toLowerCase().startsWith(part)) add(column, quoted(column), typed.length);
      for (const { name } of tables) if (name.split(/[._]/).some((piece) => piece.startsWith(part)) || name.startsWith(part)) add(name, name, typed.length);
      for (const keyword of KEYWORDS) if (keyword.toLowerCase().startsWith(part)) add(keyword, keyword, typed.length);
      for (const name of functions ?? []) if (name.startsWith(part)) add(`${name}()`, `${name}(`, typed.length);
    }
    return [...found].filter(([shown]) => shown.toLowerCase() !== wanted).slice(0, 12);
  };

  const suggest = () => {
    close();
    const typed = word();
    if (typed.length < 2 || editor.selectionStart !== editor.selectionEnd) return;
    const found = candidates(typed);
    if (!found.length) return;
    for (const [number, [shown, { inserted, back }]] of found.entries()) {
      const option = document.createElement("span");
      option.id = `saran-${number}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.textContent = shown;
      option.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        insert(inserted, back);
      });
      option.take = () => insert(inserted, back);
      hints.append(option);
    }
    hints.hidden = false;
    say(news.dataset.hints.replace("{n}", found.length));
  };

  const choose = (number) => {
    active = number;
    [...hints.children].forEach((option, at) => option.setAttribute("aria-selected", at === number));
    if (number < 0) return editor.removeAttribute("aria-activedescendant");
    editor.setAttribute("aria-activedescendant", hints.children[number].id);
    hints.children[number].scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  editor.setAttribute("aria-autocomplete", "list");
  editor.setAttribute("aria-controls", "saran");
  editor.addEventListener("input", (event) => { if (event.isTrusted) suggest(); });
  editor.addEventListener("blur", close);
  editor.addEventListener("keydown", (event) => {
    if (hints.hidden) return;
    const last = hints.children.length - 1;
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown" || (event.key === "ArrowRight" && active >= 0)) choose(active === last ? 0 : active + 1);
    else if ((event.key === "ArrowUp" || event.key === "ArrowLeft") && active >= 0) choose(active - 1);
    else if (event.key === "Enter" && active >= 0 && !event.ctrlKey && !event.metaKey) hints.children[active].take();
    else {
      if (["ArrowLeft", "ArrowRight", "ArrowUp", "Home", "End"].includes(event.key)) close();
      return;
    }
    event.preventDefault();
  });
})();
