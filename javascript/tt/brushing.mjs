// @ts-check
// A mask is painted with brush and rectangle, by mouse, pen, touch and keys.
import {h} from "./dom.mjs";
import {draw} from "./painting.mjs";
import {follow} from "./pointing.mjs";
import {t} from "./words.mjs";

/** What is painted with; kept for this window. ``share`` is the brush's of the longer side. */
export const brush = {tool: "brush", learned: true, share: 0.06, opacity: 0.55};
/** @type {Record<string, number[]>} */
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

export class Brushing {
    /** @param {import("./veil.mjs").Veil} veil */
    constructor(veil) {
        this.veil = veil;
        this.isDown = false;
        this.at = [veil.size.width / 2, veil.size.height / 2];
        this.ring = h("i", {class: "tt-ring"});
        this.marquee = h("i", {class: "tt-marquee", hidden: true});
        this.element = h(
            "div",
            {
                class: "tt-veil",
                tabindex: "0",
                role: "application",
                "aria-label": t("Mask: arrow keys move the brush, Space paints, Shift with arrows draws"),
                keydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
                pointerdown: (/** @type {PointerEvent} */ event) => this.onDown(event),
                pointermove: (/** @type {PointerEvent} */ event) => this.aim(this.pointOf(event)),
                contextmenu: (/** @type {Event} */ event) => event.preventDefault(),
            },
            veil.canvas,
            this.ring,
            this.marquee,
        );
        this.look();
    }

    /** Pixels of the canvas across the brush. */
    get across() {
        return Math.max(1, brush.share * Math.max(this.veil.size.width, this.veil.size.height));
    }

    /** Show the brush as it is now. */
    look() {
        this.veil.canvas.style.opacity = String(brush.opacity);
        this.ring.hidden = brush.tool !== "brush";
        this.aim(this.at);
    }

    /** @param {number[]} point of the canvas */
    aim(point) {
        const {width, height} = this.veil.size;
        this.at = point;
        this.ring.style.cssText = `left:${(100 * point[0]) / width}%;top:${(100 * point[1]) / height}%;width:${(100 * this.across) / width}%`;
    }

    /** @param {{clientX: number, clientY: number}} event @returns {number[]} pixels of the canvas */
    pointOf(event) {
        const place = this.veil.canvas.getBoundingClientRect(),
            {width, height} = this.veil.size;
        return [
            ((event.clientX - place.left) * width) / place.width,
            ((event.clientY - place.top) * height) / place.height,
        ];
    }

    /** @param {PointerEvent} event */
    onDown(event) {
        if (event.button === 1 || this.isDown) return;
        this.isDown = true;
        this.element.focus({preventScroll: true});
        const learned = brush.learned === (event.button !== 2),
            from = this.pointOf(event),
            way = brush.tool === "box" ? this.boxFrom(from, learned) : this.strokeFrom(from, learned);
        follow(this.element, event, way.goes, () => {
            this.isDown = false;
            way.ends();
        });
    }

    /** @param {number[]} from @param {boolean} learned */
    strokeFrom(from, learned) {
        const {veil} = this,
            step = {kind: /** @type {const} */ ("stroke"), points: [from], size: this.across, learned};
        draw(veil.context, step, veil.size);
        return {
            goes: (/** @type {PointerEvent} */ event) => {
                const several = event.getCoalescedEvents(),
                    points = (several.length ? several : [event]).map((one) => this.pointOf(one));
                draw(veil.context, {...step, points: [...step.points.slice(-1), ...points]}, veil.size);
                step.points.push(...points);
            },
            ends: () => veil.add(step, true),
        };
    }

    /** @param {number[]} from @param {boolean} learned */
    boxFrom(from, learned) {
        let to = from;
        const {width, height} = this.veil.size;
        return {
            goes: (/** @type {PointerEvent} */ event) => {
                to = this.pointOf(event);
                const [left, top] = [Math.min(from[0], to[0]), Math.min(from[1], to[1])],
                    [w, tall] = [Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
                this.marquee.hidden = false;
                this.marquee.style.cssText = `left:${(100 * left) / width}%;top:${(100 * top) / height}%;width:${(100 * w) / width}%;height:${(100 * tall) / height}%`;
            },
            ends: () => {
                this.marquee.hidden = true;
                if (to !== from) this.veil.add({kind: "box", from, to, learned});
            },
        };
    }

    /** Arrows move the brush; Space paints where it is, and Shift with an arrow on its way. @param {KeyboardEvent} event */
    onKey(event) {
        const way = ARROWS[event.key];
        if (event.ctrlKey || event.metaKey || (!way && event.key !== " ")) return;
        event.preventDefault();
        event.stopPropagation();
        const {width, height} = this.veil.size,
            from = this.at,
            [dx, dy] = (way || [0, 0]).map((one) => (one * this.across) / 3),
            to = [Math.min(Math.max(from[0] + dx, 0), width), Math.min(Math.max(from[1] + dy, 0), height)];
        this.aim(to);
        if (event.shiftKey || !way) this.veil.add({kind: "stroke", points: [from, to], size: this.across, learned: brush.learned}); // prettier-ignore
    }
}
