// @ts-check
// How the comparison is looked at, and where keys lead. Pure: a view in, another view out.

/** @typedef {{checkpoint: number, variant: number}} Side numbers; -1 is the base model */
/** @typedef {{run: string, hides: boolean, setup: number, seed: number, variant: number, at: number, prompt: number | null,
 * wipes: boolean, sides: {a: Side | null, b: Side | null}, side: "a" | "b", divide: number, zoom: number, x: number,
 * y: number}} View ``at`` is a place among the checkpoints that are shown, ``prompt`` the only one that is shown, or null;
 * ``divide`` is a share of the width; ``zoom`` 1 fits, and ``x`` and ``y`` shift by shares of the picture */
/** @typedef {{checkpoints: number[], variants: number[], prompts: number}} Extent what there is to go through */

/** @returns {View} */
export const fresh = () => ({
    run: "",
    hides: false,
    setup: 0,
    seed: 0,
    variant: NaN,
    at: Infinity,
    prompt: null,
    wipes: false,
    sides: {a: null, b: null},
    side: "b",
    divide: 0.5,
    zoom: 1,
    x: 0,
    y: 0,
});

const ZOOMED = 2,
    MOST = 40;

/** @param {number} value @param {number} low @param {number} high */
const within = (value, low, high) => Math.min(high, Math.max(low, value));

/** The view where what it names is there. @param {View} view @param {Extent} extent @returns {View} */
export function fitted(view, {checkpoints, variants, prompts}) {
    const known = variants.includes(view.variant) ? view.variant : (variants[variants.length - 1] ?? 0);
    return {
        ...view,
        at: within(view.at, 0, Math.max(0, checkpoints.length - 1)),
        variant: known,
        prompt: prompts === 1 ? 0 : view.prompt === null || view.prompt >= prompts ? null : view.prompt,
    };
}

/** What the slider and the weight point at. @param {View} view @param {Extent} extent @returns {Side} */
export const pointed = (view, {checkpoints}) => ({
    checkpoint: checkpoints[Math.round(view.at)] ?? -1,
    variant: view.variant,
});

/** With a side of the wipe at another picture. @param {View} view @param {"a" | "b"} side @param {Side} to @returns {View} */
export const withSide = (view, side, to) => ({...view, side, sides: {...view.sides, [side]: to}});

/** The wipe begins between the base model, or the first checkpoint, and what is in sight.
 * @param {View} view @param {Extent} extent @param {boolean} wipes @returns {View} */
export function wiping(view, extent, wipes) {
    if (!wipes) return {...view, wipes};
    const first = {checkpoint: extent.variants.includes(-1) ? -1 : extent.checkpoints[0], variant: view.variant};
    return {...view, wipes, side: "b", sides: {a: view.sides.a || first, b: pointed(view, extent)}};
}

/** The side that was chosen last follows slider and weight. @param {View} view @param {Extent} extent @returns {View} */
const followed = (view, extent) => (view.wipes ? withSide(view, view.side, pointed(view, extent)) : view);

/** At another place of the slider. @param {View} view @param {Extent} extent @param {number} at @returns {View} */
export const movedTo = (view, extent, at) => followed(fitted({...view, at}, extent), extent);

/** At another weight. @param {View} view @param {Extent} extent @param {number} variant @returns {View} */
export const weighted = (view, extent, variant) => followed({...view, variant}, extent);

/** Nearer or further, around a place of the picture that stays. @param {View} view @param {number} zoom
 * @param {number} [left] share of the picture's width @param {number} [top] of its height @returns {View} */
export function zoomed(view, zoom, left = 0.5, top = 0.5) {
    const next = within(zoom, 1, MOST),
        by = next / view.zoom;
    return panned({...view, zoom: next}, left - (left - view.x) * by, top - (top - view.y) * by);
}

/** Shifted; the picture always fills its frame. @param {View} view @param {number} x @param {number} y @returns {View} */
export const panned = (view, x, y) => ({...view, x: within(x, 1 - view.zoom, 0), y: within(y, 1 - view.zoom, 0)});

/** Fitting, or as large as its own pixels, twice as large at least. @param {View} view @param {number} real zoom at which one
 * pixel of the picture is one of the screen @param {number} [left] @param {number} [top] */
export const toggled = (view, real, left, top) => zoomed(view, view.zoom > 1 ? 1 : Math.max(ZOOMED, real), left, top);

/**
 * Where a key leads.
 * @param {View} view @param {string} key @param {Extent} extent @param {number} real see ``toggled``
 * @returns {View | null} null where it leads nowhere
 */
export function keyed(view, key, extent, real) {
    const {checkpoints, variants, prompts} = extent,
        last = checkpoints.length - 1,
        weight = variants.indexOf(view.variant);
    /** @type {Record<string, () => View>} */
    const leads = {
        Home: () => movedTo(view, extent, 0),
        End: () => movedTo(view, extent, last),
        ArrowUp: () => weighted(view, extent, variants[Math.min(variants.length - 1, weight + 1)]),
        ArrowDown: () => weighted(view, extent, variants[Math.max(0, weight - 1)]),
        a: () => withSide(wiping(view, extent, true), "a", pointed(view, extent)),
        b: () => withSide(wiping(view, extent, true), "b", pointed(view, extent)),
        w: () => wiping(view, extent, !view.wipes),
        z: () => toggled(view, real),
        0: () => ({...view, prompt: null}),
        Escape: () => (view.zoom > 1 ? zoomed(view, 1) : {...view, prompt: null}),
    };
    if (/^[1-9]$/.test(key)) {
        const prompt = Number(key) - 1;
        return prompt < prompts ? fitted({...view, prompt: view.prompt === prompt ? null : prompt}, extent) : null;
    }
    const lead = leads[key.length === 1 ? key.toLowerCase() : key];
    return lead ? fitted(lead(), extent) : null;
}

/** Whether somebody types, or works with a control that has a use for the key. @param {any} target @param {string} key */
export function isTaken(target, key) {
    const tag = target.tagName,
        isRange = tag === "INPUT" && target.type === "range",
        isBox = tag === "INPUT" && target.type === "checkbox";
    if (tag === "TEXTAREA" || tag === "SELECT" || target.isContentEditable) return true;
    if (tag === "INPUT" && !isRange && !isBox) return true;
    const role = target.getAttribute?.("role");
    return (role === "tab" || role === "slider") && /^(Arrow|Home|End)/.test(key);
}
