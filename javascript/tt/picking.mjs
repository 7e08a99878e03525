// @ts-check
// Which pictures are selected, by their ids. Nothing here is drawn.

/** @typedef {{ids: Set<number>, anchor: number | null}} Picked ``anchor`` is where a range begins */

/** @returns {Picked} */
export const nothing = () => ({ids: new Set(), anchor: null});

/**
 * A click, or the space key.
 * @param {Picked} picked
 * @param {number[]} order ids as they are shown
 * @param {number} id
 * @param {{range?: boolean, more?: boolean}} how ``range`` from the anchor to it; ``more`` leaves the others selected
 * @returns {Picked}
 */
export function pick(picked, order, id, {range = false, more = false}) {
    const from = range && picked.anchor !== null ? order.indexOf(picked.anchor) : -1;
    if (from >= 0) {
        const to = order.indexOf(id),
            between = order.slice(Math.min(from, to), Math.max(from, to) + 1);
        return {ids: new Set([...(more ? picked.ids : []), ...between]), anchor: picked.anchor};
    }
    if (!more) return {ids: new Set([id]), anchor: id};
    const ids = new Set(picked.ids);
    if (!ids.delete(id)) ids.add(id);
    return {ids, anchor: id};
}

/** All of them; none when all are already. @param {Picked} picked @param {number[]} order @returns {Picked} */
export function pickAll(picked, order) {
    const all = order.length > 0 && order.every((id) => picked.ids.has(id));
    return all ? nothing() : {ids: new Set(order), anchor: picked.anchor ?? order[0] ?? null};
}

/** Those that are still there. @param {Picked} picked @param {number[]} order @returns {Picked} */
export function still({ids, anchor}, order) {
    const there = new Set(order);
    return {
        ids: new Set([...ids].filter((id) => there.has(id))),
        anchor: anchor !== null && there.has(anchor) ? anchor : null,
    };
}
