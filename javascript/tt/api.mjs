// @ts-check
// Asking the server.

export const HEADERS = {"Content-Type": "application/json", "X-Train-Tools": "1"};
const ROOT = "./train-tools";

/** @param {Record<string, any>} facts */
export const query = (facts) => new URLSearchParams(facts).toString();

/**
 * The answer to a question or, with something to send, to an order.
 * @param {string} route
 * @param {Record<string, any>} [sent]
 * @returns {Promise<any>} with ``error`` in it where it was refused
 */
export async function call(route, sent) {
    const options = sent === undefined ? {} : {method: "POST", headers: HEADERS, body: JSON.stringify(sent)};
    const answer = await fetch(`${ROOT}/${route}`, options);
    const found = await answer.json().catch(() => refusal(answer));
    if (!answer.ok && !found.error) return refusal(answer, found.detail);
    return found;
}

/** @param {Response} answer @param {string} [message] */
const refusal = (answer, message) => ({error: {message: message || `HTTP ${answer.status}`, problems: []}});

/** Sends while the page is being left; nobody hears the answer. @param {string} route @param {Record<string, any>} sent */
export function sendLeaving(route, sent) {
    fetch(`${ROOT}/${route}`, {method: "POST", keepalive: true, headers: HEADERS, body: JSON.stringify(sent)});
}

/** @param {FormData} form @returns {Promise<any>} null where the way was cut */
export async function upload(form) {
    const headers = {"X-Train-Tools": "1"};
    const answer = await fetch(`${ROOT}/upload`, {method: "POST", headers, body: form}).catch(() => null);
    return answer && answer.json().catch(() => refusal(answer));
}

/** @param {string} path */
export const fileUrl = (path) => `${ROOT}/file?${query({path})}`;

/** @param {string} path */
export const thumbUrl = (path) => `${ROOT}/thumb?${query({path})}`;

/** @param {Record<string, any>} facts */
export const pictureUrl = (facts) => `${ROOT}/picture?${query(facts)}`;

/** @param {Record<string, any>} facts */
export const downloadUrl = (facts) => `${ROOT}/download?${query(facts)}`;
