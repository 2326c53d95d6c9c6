// Lets a reader sort, search, filter and copy the tables; without it they are read as they are.
(async () => {
  "use strict";
  const url = URL.createObjectURL(new Blob([await library("datatables")], { type: "text/javascript" }));
  const { default: DataTable, set_or_remove_dark_class: followScreen } = await import(url);
  const style = document.createElement("style");
  style.textContent = await library("datatables-style");
  // Before the page's own style, which has the last word.
  document.head.querySelector("style").before(style);
  const darkScreen = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark", darkScreen.matches);
  darkScreen.addEventListener("change", follow);
  follow();

  // A cell in a file is the number alone where there is one, without interval and thousands separators.
  const cell = (content, row, column, node) => node.dataset.order ?? node.innerText.replace(/\s+/g, " ").trim();
  const head = (content, column, node) => node.innerText.replace(/\s+/g, " ").trim();
  for (const table of document.querySelectorAll("table.data")) {
    const title = table.caption.textContent;
    const saved = { title: null, filename: title, footer: false, exportOptions: { format: { body: cell, header: head } } };
    const buttons = [
      { extend: "copyHtml5", text: "Copy", ...saved, messageTop: null },
      { extend: "csvHtml5", text: "CSV", ...saved },
    ];
    const long = table.classList.contains("searched");
    if (long) buttons.push({ extend: "searchBuilder", text: "Filter" });
    new DataTable(table, {
      paging: false,
      info: false,
      order: [],
      autoWidth: false,
      searching: long,
      layout: { topStart: long ? "search" : null, topEnd: { buttons }, bottomStart: null, bottomEnd: null },
      language: { search: "", searchPlaceholder: "name or words", searchBuilder: { button: { 0: "Filter", _: "Filter (%d)" } } },
    });
  }
  document.documentElement.dataset.tables = "ready";
})();
