// @ts-check
// Previews by checkpoint: the same prompt, seed and weight stand below each other.

/** @typedef {{prompt: number, seed: number, weight: number, blocks: string, paths: (string | undefined)[]}} Column a path for each row;
 * ``blocks`` are weights of blocks, "" for none */

const NAME = /-p(\d+)-s(\d+)-w(-?[\d.]+(?:e-?\d+)?)(?:-b([\w.+]+))?(?:-\d+)?\.png$/;

/** @param {string} path @returns {string} "prompt seed weight blocks"; empty for a file of another name */
const keyOf = (path) => {
    const [, prompt, seed, weight, blocks = ""] = NAME.exec(path) || [];
    return prompt ? `${Number(prompt)} ${Number(seed)} ${Number(weight)} ${blocks}`.trim() : "";
};

/** @param {string} key @returns {string} "prompt seed" */
const subjectOf = (key) => key.split(" ").slice(0, 2).join(" ");

/** The newest picture of each prompt, seed and weight. @param {string[]} paths */
export const shots = (paths) => new Map(paths.map((path) => [keyOf(path), path]));

/**
 * @param {string[][]} previews of each checkpoint
 * @param {Map<string, string>} base pictures without a network, which are weight 0 of every checkpoint
 * @returns {Column[]}
 */
export function columnsOf(previews, base) {
    const rows = previews.map(shots),
        found = new Set(rows.flatMap((row) => [...row.keys()]));
    const shown = new Set([...found].map(subjectOf));
    for (const key of base.keys()) if (shown.has(subjectOf(key))) found.add(key);
    found.delete("");
    const keys = [...found].map((key) => ({
        key,
        blocks: key.split(" ")[3] || "",
        numbers: key.split(" ").slice(0, 3).map(Number),
    }));
    keys.sort(
        ({numbers: a, blocks: one}, {numbers: b, blocks: other}) =>
            a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || (one < other ? -1 : 1),
    );
    return keys.map(({key, blocks, numbers: [prompt, seed, weight]}) => {
        const plain = weight === 0 ? base.get(key) : undefined;
        return {prompt, seed, weight, blocks, paths: rows.map((row) => row.get(key) || (row.size ? plain : undefined))};
    });
}

/**
 * The next picture in the direction of a key: left and right lead to earlier and later checkpoints, up and down to other
 * weights and prompts.
 * @param {(row: number, column: number) => string | undefined} pathAt column -1 is that of the sheets
 * @param {{rows: number, columns: number}} size
 * @param {number} row
 * @param {number} column
 * @param {string} key
 * @returns {[number, number] | null}
 */
export function beside(pathAt, size, row, column, key) {
    const down = key === "ArrowUp" ? -1 : key === "ArrowDown" ? 1 : 0,
        across = key === "ArrowLeft" ? 1 : key === "ArrowRight" ? -1 : 0; // the newest is first
    if (!(down || across) || (down && column < 0)) return null;
    const least = down ? 0 : -1;
    for (let [y, x] = [row + across, column + down]; ; y += across, x += down) {
        if (y < 0 || x < least || y >= size.rows || x >= size.columns) return null;
        if (pathAt(y, x)) return [y, x];
    }
}
