// @ts-check
// The plan names the worst finding, of the pictures as they are now: it is shown with its pictures.
import {find, within} from "./dom.mjs";
import {showPage} from "./pages.mjs";
import {filterBy} from "./scope.mjs";
import {state, tell} from "./state.mjs";

let renewed = "";

/** Have a plan made again that was made before all pictures were looked at; once for the same findings.
 * @param {import("./state.mjs").Place} of @param {any[]} findings of all its pictures */
export function renewPlan(of, findings) {
    const [first] = findings,
        {worst} = state,
        agrees = first ? worst?.text === first.text && worst.more === findings.length - 1 : !worst;
    const now = JSON.stringify([of, findings.map((one) => one.text)]);
    if (agrees || renewed === now) return;
    renewed = now;
    tell("plan");
}

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
