/* Search box and filters for the list of results. Without JavaScript the plain table stays. */
(function () {
  "use strict";

  function control(label, element) {
    const frame = document.createElement("label");
    frame.append(label, element);
    return frame;
  }

  function choice(name, values) {
    const select = document.createElement("select");
    select.append(new Option("all", ""));
    for (const value of values) select.append(new Option(value, value));
    select.setAttribute("aria-label", name);
    return select;
  }

  function distinct(rows, column) {
    return [...new Set(rows.map((row) => row[column]))].sort();
  }

  const table = document.querySelector("table.results-table");
  if (!table) return;
  const rows = [...table.tBodies[0].rows].map((row) => ({
    row,
    text: row.cells[0].textContent.toLowerCase().replaceAll("_", " "),
    family: row.cells[2].textContent.trim(),
    kind: row.cells[3].textContent.trim(),
  }));

  const search = document.createElement("input");
  search.type = "search";
  search.placeholder = "covariance, batch size, diffusion ...";
  search.autocomplete = "off";
  const family = choice("family", distinct(rows, "family"));
  const kind = choice("kind", distinct(rows, "kind"));
  const count = document.createElement("output");
  count.setAttribute("aria-live", "polite");

  const form = document.createElement("form");
  form.className = "results-filter";
  form.setAttribute("role", "search");
  form.append(control("Search", search), control("Family", family), control("Kind", kind), count);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", update);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      search.value = "";
      update();
    }
  });
  table.before(form);

  function update() {
    const words = search.value.toLowerCase().replaceAll("_", " ").split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of rows) {
      const wanted =
        words.every((word) => entry.text.includes(word)) &&
        (!family.value || entry.family === family.value) &&
        (!kind.value || entry.kind === kind.value);
      entry.row.hidden = !wanted;
      shown += wanted;
    }
    count.textContent = shown === 1 ? "1 result" : `${shown} results`;
    remember();
  }

  /* The address keeps the choice, so that a link can be shared and "back" returns to it. */
  function remember() {
    const chosen = new URLSearchParams();
    if (search.value) chosen.set("find", search.value);
    if (family.value) chosen.set("family", family.value);
    if (kind.value) chosen.set("kind", kind.value);
    const address = chosen.size ? `?${chosen}` : location.pathname;
    history.replaceState(null, "", address + location.hash);
  }

  const asked = new URLSearchParams(location.search);
  search.value = asked.get("find") || "";
  family.value = asked.get("family") || "";
  kind.value = asked.get("kind") || "";
  if (family.selectedIndex < 0) family.value = "";
  if (kind.selectedIndex < 0) kind.value = "";
  update();
})();
