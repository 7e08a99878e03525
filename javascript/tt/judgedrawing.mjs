// @ts-check
// A figure of checkpoints as a chart: its scale, its line of points, from which to which checkpoint, and what it tells.
import {h} from "./dom.mjs";
import {labelsOf} from "./compared.mjs";
import {HEIGHT, WIDTH, pointsOf, scaleOf, shownValue} from "./judgechart.mjs";
import {listed, sentence, t, told} from "./words.mjs";

const SVG = "http://www.w3.org/2000/svg",
    DOT = 2.5,
    CHOSEN = 5;

/** @param {any} figure @param {import("./judgechart.mjs").Judged[]} checkpoints @param {any} suggestion */
export function chart(figure, checkpoints, suggestion) {
    const some = checkpoints.filter((one) => figure.name in one.figures),
        values = some.map((one) => one.figures[figure.name]),
        title = sentence(figure, "title"),
        texts = values.map((value) => shownValue(value, figure));
    const better = t(figure.higher_is_better ? "higher is better" : "lower is better"),
        labels = labelsOf(some),
        ends = labels.length > 1 ? [labels[0], labels[labels.length - 1]] : labels;
    return h(
        "figure",
        {},
        h("figcaption", {}, h("b", {}, title), " ", h("span", {class: "tt-fine"}, better)),
        h(
            "div",
            {class: "tt-judge-plot"},
            h("div", {class: "tt-judge-scale tt-fine"}, scaleOf(values).reverse().map((value) => h("span", {}, shownValue(value, figure)))), // prettier-ignore
            drawing(
                values,
                labels.map((label, i) => told(label, texts[i])),
                some.findIndex((one) => suggestion && one.name === suggestion.checkpoint),
                told(title, listed(texts)),
            ),
            h(
                "div",
                {class: "tt-judge-ends tt-fine"},
                ends.map((label) => h("span", {translate: "no"}, label)),
            ),
        ),
        h("p", {class: "tt-fine"}, sentence(figure, "help")),
    );
}

/** @param {number[]} values @param {string[]} names @param {number} chosen @param {string} label */
function drawing(values, names, chosen, label) {
    const points = pointsOf(values),
        made = svg("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label});
    made.append(svg("polyline", {points: points.map((point) => point.join(",")).join(" ")}));
    points.forEach(([x, y], i) => {
        const dot = svg("circle", {
            cx: x,
            cy: y,
            r: i === chosen ? CHOSEN : DOT,
            class: i === chosen ? "tt-chosen" : "",
        });
        const name = svg("title", {});
        name.textContent = names[i];
        dot.append(name);
        made.append(dot);
    });
    return made;
}

/** @param {string} tag @param {Record<string, any>} facts */
function svg(tag, facts) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(facts)) made.setAttribute(name, String(value));
    return made;
}
