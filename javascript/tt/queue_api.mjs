// @ts-check
// Asking the server about the queue.
import {ask} from "./api.mjs";
import {state} from "./state.mjs";

/** What a request for a job says of its turn: it waits where another one goes on. @returns {{queue?: true}} */
export const turn = () => (state.status?.busy ? {queue: true} : {});

/** @param {number} number of a job that waits, or ended */
export const removeJob = (number) => ask("DELETE", `jobs/queue/${number}`);
/** @param {number} number of a job that waits @param {number | null} before another one; null is behind all */
export const moveJob = (number, before) => ask("POST", `jobs/queue/${number}/move`, {before});
/** @param {number} number of a job that ended */
export const retryJob = (number) => ask("POST", `jobs/queue/${number}/retry`);
export const queueSettings = () => ask("GET", "jobs/queue");
/** @param {Record<string, any>} changes */
export const changeQueue = (changes) => ask("PATCH", "jobs/queue", {changes});
