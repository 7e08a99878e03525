// @ts-check
// Which tiles of a long grid are drawn: those in sight, and a little more.

/** @typedef {{columns: number, rows: number, step: number, height: number}} Grid pixels; ``step`` is from row to row */

/**
 * @param {number} total tiles
 * @param {number} width of the grid, in pixels
 * @param {{width: number, height: number, gap: number}} tile least width, height, and space between two, in pixels
 * @returns {Grid}
 */
export function gridOf(total, width, tile) {
    const columns = Math.max(1, Math.floor((width + tile.gap) / (tile.width + tile.gap))),
        rows = Math.ceil(total / columns),
        step = tile.height + tile.gap;
    return {columns, rows, step, height: Math.max(0, rows * step - tile.gap)};
}

/**
 * The first tile that is drawn, and the one behind the last: whole rows.
 * @param {Grid} grid
 * @param {number} total tiles
 * @param {number} top pixels of the grid above what is in sight
 * @param {number} height pixels in sight
 * @param {number} [more] rows that are drawn above and below
 * @returns {[number, number]}
 */
export function seenIn({columns, rows, step}, total, top, height, more = 2) {
    const first = Math.min(rows, Math.max(0, Math.floor(top / step) - more)),
        last = Math.min(rows, Math.max(first, Math.ceil((top + height) / step) + more));
    return [Math.min(total, first * columns), Math.min(total, last * columns)];
}

/**
 * The parts of a list that lie in a range and are not known yet, as offsets of whole parts.
 * @param {[number, number]} range first, and the one behind the last
 * @param {number} size of a part
 * @param {(offset: number) => boolean} known whether a part is there or asked for
 * @returns {number[]}
 */
export function lacking([first, last], size, known) {
    const offsets = [];
    for (let offset = Math.floor(first / size) * size; offset < last; offset += size)
        if (!known(offset)) offsets.push(offset);
    return offsets;
}

/**
 * Where a key leads to. @param {string} key @param {number} at @param {number} total @param {number} columns
 * @param {number} page rows in sight @returns {number | null} null where it leads nowhere
 */
export function stepTo(key, at, total, columns, page) {
    /** @type {Record<string, number>} */
    const by = {
        ArrowLeft: -1,
        ArrowRight: 1,
        ArrowUp: -columns,
        ArrowDown: columns,
        PageUp: -columns * Math.max(1, page),
        PageDown: columns * Math.max(1, page),
        Home: -total,
        End: total,
    };
    if (!(key in by) || !total) return null;
    const to = at + by[key],
        vertical = Math.abs(by[key]) >= columns && columns > 1;
    if (key === "Home" || key === "End" || key.startsWith("Page")) return Math.min(total - 1, Math.max(0, to));
    if (to < 0 || (to >= total && !vertical)) return at;
    return Math.min(total - 1, to);
}
