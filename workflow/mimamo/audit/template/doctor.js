// Shows the names of one verdict.
for (const choice of document.querySelectorAll("[name=show]")) {
  choice.addEventListener("change", () => {
    for (const row of document.querySelectorAll("tbody tr")) {
      row.hidden = choice.value !== "" && row.cells[2].textContent !== choice.value;
    }
  });
}
