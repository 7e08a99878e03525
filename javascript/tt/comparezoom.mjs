// @ts-check
// Zooming and shifting all pictures of the page Compare in step, with pointer and wheel; and dragging the divider of A and B.
import {now, see} from "./comparestate.mjs";
import {panned, toggled, zoomed} from "./compareview.mjs";

const WHEEL = 0.0016;

/** Where in a frame something happened, as shares of its width and height. @param {any} frame @param {MouseEvent} event */
function placeIn(frame, {clientX, clientY}) {
    const {left, top, width, height} = frame.getBoundingClientRect();
    return {left: (clientX - left) / width, top: (clientY - top) / height, width, height};
}

/** The wheel zooms a large picture; among several it scrolls the page, and zooms with Ctrl. @param {any} frame */
export function wheels(frame) {
    const onWheel = (/** @type {WheelEvent} */ event) => {
        const {view} = now;
        if (view.prompt === null && view.zoom === 1 && !event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        const {left, top} = placeIn(frame, event);
        see(zoomed(view, view.zoom * Math.exp(-event.deltaY * WHEEL), left, top));
    };
    frame.addEventListener("wheel", onWheel, {passive: false});
    frame.addEventListener("dblclick", (/** @type {MouseEvent} */ event) => {
        const {left, top} = placeIn(frame, event);
        see(toggled(now.view, now.real, left, top));
    });
}

/** Dragging moves the divider while two pictures are wiped, and else what is zoomed; with Shift what is zoomed in any case.
 * @param {any} frame */
export function pans(frame) {
    frame.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
        const {view} = now,
            divides = view.wipes && !event.shiftKey && (view.zoom === 1 || isOnDivider(frame, event));
        if (event.button !== 0 || (!divides && view.zoom === 1)) return;
        const start = placeIn(frame, event);
        const onMove = (/** @type {PointerEvent} */ moved) => {
            const {left, top} = placeIn(frame, moved);
            if (divides) see({...now.view, divide: Math.min(1, Math.max(0, left))});
            else see(panned(now.view, view.x + left - start.left, view.y + top - start.top));
        };
        const onUp = () => frame.removeEventListener("pointermove", onMove);
        if (divides) onMove(event);
        frame.setPointerCapture(event.pointerId);
        frame.addEventListener("pointermove", onMove);
        for (const ends of ["pointerup", "pointercancel"]) frame.addEventListener(ends, onUp, {once: true});
    });
}

/** @param {any} frame @param {PointerEvent} event */
function isOnDivider(frame, event) {
    const {left, width} = placeIn(frame, event);
    return Math.abs(left - now.view.divide) * width < 16;
}
