"use strict";
// Without this script every link leads to the same article further down the page.
const dialog = document.querySelector("dialog");
const find = (hash) => {
  const target = document.getElementById(decodeURIComponent(hash.slice(1)));
  return target && target.matches("article") ? target : null;
};
const show = () => {
  const article = find(location.hash);
  if (!article) {
    dialog.close();
    return;
  }
  const copy = article.cloneNode(true);
  copy.removeAttribute("id");
  dialog.querySelector("div").replaceChildren(copy);
  dialog.querySelector(".permalink").href = location.hash;
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
};
document.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
  const link = event.target.closest("a[href^='#']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !find(link.hash)) return;
  event.preventDefault(); // else the page would lose its place in the matrix
  history.pushState(null, "", link.hash);
  show();
});
dialog.addEventListener("close", () => {
  if (find(location.hash)) history.pushState(null, "", location.pathname + location.search);
});
addEventListener("popstate", show);
const unfold = document.getElementById("unfold");
unfold.hidden = false;
unfold.addEventListener("click", () => {
  const groups = [...document.querySelectorAll("details.group")];
  const open = groups.some((group) => !group.open);
  for (const group of groups) group.open = open;
  unfold.textContent = open ? "fold all" : "unfold all";
});
show();
