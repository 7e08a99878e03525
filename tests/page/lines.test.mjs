import assert from "node:assert/strict";
import {test} from "node:test";

import {figure, linesOf, short, stepTexts, tableOf, valueTexts} from "../../javascript/tt/lines.mjs";

const NAMES = ["lr unet", "grad_norm", "val_on", "lr text_encoder", "loss", "lr text_encoder_2"];

test("lines are the loss and its like, then rates, then what nobody knows yet", () => {
    assert.deepEqual(
        linesOf(NAMES).map(({label, scale}) => [label, scale]),
        [
            ["Loss", "loss"],
            ["Smoothed loss", "loss"],
            ["Validation", "loss"],
            ["U-Net rate", "rate"],
            ["Text encoder rate", "rate"],
            ["text encoder 2 rate", "rate"],
            ["grad norm", "grad_norm"],
        ],
    );
});

test("the loss and its smoothed line share a colour, all others have their own", () => {
    const [raw, smooth, ...others] = linesOf(NAMES);
    assert.deepEqual([raw.colour, raw.faint, smooth.colour, smooth.faint], ["--tt-accent", true, "--tt-accent", false]);
    assert.equal(new Set(others.map(({colour}) => colour)).size, others.length);
});

test("the smoothed loss is drawn above all, and unknown lines below", () => {
    const drawn = linesOf(NAMES).sort((one, other) => one.depth - other.depth);
    assert.deepEqual([drawn[0].name, drawn.at(-3).name, drawn.at(-2).name], ["grad_norm", "loss", "val_on"]);
    assert.equal(drawn.at(-1).meanOf, "loss");
});

test("of a rate that the optimizer finds, the one that trains is shown, not the factor on it", () => {
    const rates = ["lr unet", "lr text_encoder", "d*lr unet", "d*lr text_encoder"];
    assert.deepEqual(
        linesOf(["loss", ...rates])
            .slice(2)
            .map(({label, scale}) => [label, scale]),
        [
            ["U-Net rate (d*lr)", "rate"],
            ["Text encoder rate (d*lr)", "rate"],
        ],
    );
});

test("a table has every step once, and nothing where a line has no value", () => {
    const series = {loss: [[1, 0.4], [2, 0.2], [4, 0.3]], val_on: [[2, 0.5], [3, 0.6]]}; // prettier-ignore
    const lines = linesOf(Object.keys(series)),
        [steps, losses, smooth, checked] = tableOf(series, lines);
    assert.deepEqual(steps, [1, 2, 3, 4]);
    assert.deepEqual([losses[0], losses[2], losses[3]], [0.4, undefined, 0.3]);
    assert.ok(smooth[1] > 0.2 && smooth[1] < 0.4);
    assert.deepEqual([checked[0], checked[1], checked[2]], [undefined, 0.5, 0.6]);
});

test("numbers are as short as they may be", () => {
    assert.deepEqual([0, 1e-4, 9.876e-5, 0.0025, 1, 1234567].map(short), [
        "0",
        "1e-4",
        "9.88e-5",
        "0.0025",
        "1",
        "1.23e+6",
    ]);
    assert.deepEqual([figure("loss", 0.12345), figure("rate", 5e-5), figure("rate", null)], ["0.1235", "5e-5", ""]);
});

test("numbers of an axis tell each other apart", () => {
    assert.deepEqual(valueTexts([0, 0.1, 0.2], 0.1), ["0.0", "0.1", "0.2"]);
    assert.deepEqual(valueTexts([0.1, 0.12], 0.02), ["0.10", "0.12"]);
    assert.deepEqual(valueTexts([0, 20], 20), ["0", "20"]);
    assert.deepEqual(valueTexts([0, 2e-6], 2e-6), ["0", "2e-6"]);
});

test("steps of an axis are in thousands where none loses a digit", () => {
    assert.deepEqual(stepTexts([0, 20_000, 40_000]), ["0", "20k", "40k"]);
    assert.deepEqual(stepTexts([12_500, 12_600]), ["12.5k", "12.6k"]);
    assert.deepEqual(stepTexts([12_340, 12_350]), ["12340", "12350"]);
    assert.deepEqual(stepTexts([500, 1000]), ["500", "1000"]);
});

test("measurements of held-out pictures are named, those of single timesteps too", () => {
    assert.deepEqual(
        linesOf(["val_on 100", "val_off"]).map(({label, scale}) => [label, scale]),
        [
            ["Validation at timestep 100", "loss"],
            ["Validation without the network", "loss"],
        ],
    );
});
