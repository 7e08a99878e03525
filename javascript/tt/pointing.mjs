// @ts-check
// A pointer that is down: mouse, pen or finger.

/**
 * Follows it until it goes up; others are left alone meanwhile.
 * @param {HTMLElement} element
 * @param {PointerEvent} down
 * @param {(event: PointerEvent) => void} goes
 * @param {() => void} [over]
 */
export function follow(element, down, goes, over) {
    down.preventDefault();
    element.setPointerCapture(down.pointerId);
    const until = new AbortController(),
        its = (/** @type {(event: PointerEvent) => void} */ heard) => (/** @type {PointerEvent} */ event) =>
            event.pointerId === down.pointerId && heard(event);
    const ends = its(() => {
        until.abort();
        if (over) over();
    });
    element.addEventListener("pointermove", its(goes), {signal: until.signal});
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"]))
        element.addEventListener(name, ends, {signal: until.signal});
}
