// Adds to a page that works without it: a card on hover and focus, the sentence lit, keys from problem to problem.
(() => {
  "use strict";
  const card = document.getElementById("card");
  let shownFor = null;

  const ids = (element, name) => (element.dataset[name] || "").split(" ").filter(Boolean);

  function light(facts, on) {
    for (const piece of document.querySelectorAll(".e")) {
      if (ids(piece, "evidence").some((fact) => facts.includes(fact))) piece.classList.toggle("lit", on);
    }
  }

  function hide() {
    if (!shownFor) return;
    light(ids(shownFor, "facts"), false);
    shownFor.removeAttribute("aria-describedby");
    shownFor = null;
    card.hidden = true;
  }

  function show(value) {
    if (value === shownFor) return;
    hide();
    const facts = ids(value, "facts");
    card.replaceChildren();
    for (const fact of facts) {
      const original = document.getElementById(fact);
      if (!original) continue;
      const copy = original.cloneNode(true);
      copy.removeAttribute("id");
      copy.removeAttribute("tabindex");
      card.append(copy);
    }
    card.hidden = false;
    const box = value.getBoundingClientRect();
    const left = Math.min(box.left, document.documentElement.clientWidth - card.offsetWidth - 16);
    const below = box.bottom + 8;
    const fits = below + card.offsetHeight < window.innerHeight || box.top < card.offsetHeight + 8;
    card.style.left = `${Math.max(8, left) + window.scrollX}px`;
    card.style.top = `${(fits ? below : box.top - card.offsetHeight - 8) + window.scrollY}px`;
    shownFor = value;
    value.setAttribute("aria-describedby", "card");
    light(facts, true);
  }

  for (const value of document.querySelectorAll("a.v")) {
    value.addEventListener("mouseenter", () => show(value));
    value.addEventListener("focus", () => show(value));
    value.addEventListener("mouseleave", (event) => { if (!card.contains(event.relatedTarget)) hide(); });
    value.addEventListener("blur", hide);
  }
  card.addEventListener("mouseleave", hide);

  const problems = [...document.querySelectorAll("a.v.s-fail, a.v.s-warn")].filter((value) => value.tabIndex >= 0);
  let at = -1;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") hide();
    if ((event.key !== "n" && event.key !== "p") || !problems.length) return;
    at = (at + (event.key === "n" ? 1 : -1) + problems.length) % problems.length;
    problems[at].focus();
    problems[at].scrollIntoView({ block: "center" });
    show(problems[at]);
  });
  document.documentElement.classList.add("has-script");
})();
