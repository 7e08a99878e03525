// @ts-check
// Small drawings of what presets are for, in the colours of the page.

const SOFT = 'class="tt-soft"';
/** @type {Record<string, string>} by name of the preset; each 48 by 48 */
const INSIDE = {
    CherryCat:
        `<rect ${SOFT} x="7" y="5" width="34" height="38" rx="4"/><rect x="7" y="5" width="34" height="38" rx="4"/>` +
        '<circle cx="24" cy="19" r="6.5"/><path d="M12 38c1-8 6-11 12-11s11 3 12 11"/>' +
        '<path d="M17.6 18c1-5 4-7 7-7 4 0 6.2 3 6 7-3 .5-6-1-7-3.5-1 2-3 3.2-6 3.500z" class="tt-full"/>',
    rimochan:
        `<path ${SOFT} d="M9 8l8 5.500a19 19 0 0 1 14 0L39 8l1.5 15c0 11-7 17-16.5 17S7.5 34 7.5 23z"/>` +
        '<path d="M9 8l8 5.500a19 19 0 0 1 14 0L39 8l1.5 15c0 11-7 17-16.5 17S7.5 34 7.5 23z"/>' +
        '<path d="M17 22.500v3M31 22.500v3M22 30.500c.5 1.3 1.5 1.3 2 0 .5 1.3 1.5 1.3 2 0M12.5 30l-7 1M35.5 30l7 1"/>',
    CharFramework:
        `<path ${SOFT} d="M18 18L8 23l3 7 4-1.500V42h18V28.500L37 30l3-7-10-5c-1 3-3.5 4.5-6 4.500S19 21 18 18z"/>` +
        '<path d="M18 18L8 23l3 7 4-1.500V42h18V28.500L37 30l3-7-10-5c-1 3-3.5 4.5-6 4.500S19 21 18 18z"/>' +
        '<path d="M18 18l6-4.500L30 18M24 13.500V12c0-1.5 2.5-2 2.5-4S25.3 5 24 5s-2.5 1-2.5 2.5"/>' +
        '<path d="M24 29l1.3 2.7 3 .4-2.2 2 .6 3-2.7-1.5-2.7 1.5.6-3-2.2-2 3-.4z" class="tt-full"/>',
    course:
        `<path ${SOFT} d="M24 25C23 15 16 11 7 11c0 9 6 15 17 14z"/><path d="M24 25C23 15 16 11 7 11c0 9 6 15 17 14z"/>` +
        `<path ${SOFT} d="M24 20c0-8 6-13 17-13 0 9-6 14-17 13z"/><path d="M24 20c0-8 6-13 17-13 0 9-6 14-17 13z"/>` +
        '<path d="M24 42V20M9 42h30"/>',
    sample:
        '<g class="tt-mochi-ear"><circle cx="13" cy="14" r="8"/><circle cx="35" cy="14" r="8"/></g>' +
        '<ellipse class="tt-mochi" cx="24" cy="27" rx="18" ry="16"/>' +
        '<g class="tt-mochi-eye"><circle cx="17" cy="24" r="4"/><circle cx="31" cy="24" r="4"/></g>' +
        '<ellipse class="tt-mochi-nose" cx="24" cy="34" rx="5.5" ry="4"/>',
};

/** The HTML of a drawing; that of a plain start where a preset has none of its own. @param {string} preset */
export const drawing = (preset) =>
    `<svg class="tt-drawing" viewBox="0 0 48 48" aria-hidden="true">${INSIDE[preset] || INSIDE.course}</svg>`;
