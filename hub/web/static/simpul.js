// Simpul's pages work without this file. With it: results while typing, `/` to search, copying of
// snippets, focus on what went wrong, and one press of a button that takes long.
(() => {
  "use strict";

  const summary = document.querySelector(".error-summary[tabindex]");
  if (summary) summary.focus();

  // `/` goes to the search field, unless somebody is writing.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const field = document.getElementById("q");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) break;
    button.hidden = false;
    const label = button.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }

  // A second press while the first is on its way does nothing; the server counts it once anyway.
  for (const button of document.querySelectorAll("[data-busy]")) {
    button.form.addEventListener("submit", (event) => {
      if (button.getAttribute("aria-disabled")) return event.preventDefault();
      button.setAttribute("aria-disabled", "true");
      button.textContent = button.dataset.busy;
    });
  }

  // A live part of a page is fetched again every so many seconds, while somebody looks at it.
  for (const part of document.querySelectorAll("[data-live]")) {
    setInterval(async () => {
      const here = document.getElementById(part.id);
      if (document.hidden || here.contains(document.activeElement)) return;
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
      if (!answer || !answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (fresh) here.replaceWith(document.adoptNode(fresh));
    }, part.dataset.live * 1000);
  }

  // Live search: the form's own address, its answer's results into ours; the field keeps the focus.
  const form = document.getElementById("cari");
  if (!form) return;
  const news = document.getElementById("kabar");
  let waiting, running, telling;

  const address = () => {
    const said = [...new FormData(form)].filter(([name, value]) => value && name !== "sort");
    const sort = form.elements.sort;
    if (sort && sort.dataset.chosen) said.push(["sort", sort.value]);
    const query = new URLSearchParams(said).toString();
    return form.getAttribute("action") + (query ? "?" + query : "");
  };

  const put = (text) => {
    const found = new DOMParser().parseFromString(text, "text/html");
    const focused = document.activeElement;
    const place = focused && focused.name && form.contains(focused) ? [focused.name, focused.value] : null;
    for (const id of ["hasil", "saringan"]) {
      const fresh = found.getElementById(id);
      if (fresh) document.getElementById(id).replaceWith(document.adoptNode(fresh));
    }
    if (place && place[0] !== "q") {
      const again = [...form.elements].find((one) => one.name === place[0] && (one.value === place[1] || one.tagName === "SELECT"));
      if (again) again.focus();
    }
    document.title = found.title;
    clearTimeout(telling);
    telling = setTimeout(() => { news.textContent = document.getElementById("jumlah").textContent; }, 1000);
  };

  const look = async (url, push) => {
    if (running) running.abort();
    running = new AbortController();
    try {
      const answer = await fetch(url, { signal: running.signal, headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) { location.href = url; return; }
      put(await answer.text());
      if (push) history.pushState(null, "", url);
    } catch (error) {
      if (error.name !== "AbortError") location.href = url;
    }
  };

  form.addEventListener("input", (event) => {
    if (event.target.name !== "q") return;
    clearTimeout(waiting);
    waiting = setTimeout(() => look(address(), false).then(() => history.replaceState(null, "", address())), 200);
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "q") return;
    if (event.target.name === "sort") event.target.dataset.chosen = "1";
    look(address(), true);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    look(address(), true);
  });
  addEventListener("popstate", () => location.reload());
})();
