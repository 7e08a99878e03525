// @ts-check
// The plan names the worst finding: it is shown with its pictures.
import {find, within} from "./dom.mjs";
import {showPage} from "./pages.mjs";
import {filterBy} from "./scope.mjs";

document.addEventListener("click", (event) => {
    const link = within(event, "[data-worst]");
    if (!link) return;
    event.preventDefault();
    showPage("pictures");
    if (link.dataset.worst) filterBy(link.dataset.worst);
    const box = find(".tt-findings");
    box.querySelector("details").open = true;
    box.scrollIntoView({block: "start"});
    setTimeout(() => box.querySelector(".tt-show[aria-pressed=true], .tt-show")?.focus({preventScroll: true})); // when it is drawn
});
