// @ts-check
// Where pictures are put: project, version and set.
import {ask, below, createProject} from "./api.mjs";
import {h} from "./dom.mjs";
import {choiceElement, textElement} from "./labelled.mjs";
import {opens, versionsOf} from "./places.mjs";
import {here, state} from "./state.mjs";
import {t} from "./words.mjs";

/** @typedef {import("./state.mjs").Place} Place */
/** @typedef {{folder: string, reg: boolean, repeats: number}} Known a set that is there */

/** A set's name without its repeats. @param {string} folder */
export const nameOfSet = (folder) => folder.replace(/^\d+_/, "");

/** A choice of where they go, to be shown in a form. */
export class Into {
    constructor() {
        this.of = here();
        this.project = state.suggested;
        this.set = {name: "", repeats: 10};
        /** @type {Known[]} */
        this.known = [];
        this.folder = "";
        this.asked = 0;
        this.element = h("fieldset", {class: "tt-into"});
        this.draw();
        this.look();
    }

    draw() {
        const held = [...this.element.querySelectorAll("select, input")].indexOf(document.activeElement);
        this.element.replaceChildren(h("legend", {}, t("Where they go")), ...this.places(), ...this.sets());
        if (held >= 0) this.element.querySelectorAll("select, input")[held]?.focus(); // it was drawn anew
    }

    places() {
        const {project, version} = this.of,
            projects = state.projects.filter(opens),
            newest = (/** @type {string} */ of) => (versionsOf(of).filter(opens).pop() || {name: ""}).name;
        const which = choiceElement(t("Project"), [...pairs(projects), another()], project, (name) =>
            this.choose(name, newest(name)),
        );
        if (!project) {
            const named = (/** @type {string} */ name) => (this.project = name);
            return [which, textElement(t("Name"), this.project, named, {maxlength: 64})];
        }
        const versions = pairs(versionsOf(project).filter(opens));
        return [which, choiceElement(t("Version"), versions, version, (name) => this.choose(project, name))];
    }

    sets() {
        const known = this.known.map(({folder}) => ({name: folder}));
        const which = choiceElement(t("Set"), [...pairs(known), another()], this.folder, (folder) => {
            this.folder = folder;
            this.draw();
        });
        if (this.folder) return [which];
        const input = (/** @type {any} */ event) => (this.set.repeats = Number(event.target.value)),
            facts = {type: "number", min: 1, max: 10000, required: true, value: this.set.repeats, input},
            repeats = h("label", {class: "tt-labelled"}, h("span", {}, t("Repeats")), h("input", facts));
        const named = (/** @type {string} */ name) => (this.set.name = name),
            name = textElement(t("Name of the set"), this.set.name, named, {maxlength: 64});
        return [...(known.length ? [which] : []), name, repeats];
    }

    /** @param {string} project @param {string} version */
    choose(project, version) {
        this.of = {project, version};
        this.known = [];
        this.folder = "";
        this.draw();
        this.look();
    }

    /** Ask which sets the version has. */
    async look() {
        const number = ++this.asked;
        const found = this.of.version ? await ask("GET", below(this.of, "sets")).catch(() => null) : null;
        if (number !== this.asked) return;
        this.known = ((found && found.sets) || []).filter((/** @type {Known} */ one) => !one.reg);
        this.folder = this.known.length ? this.known[0].folder : "";
        this.draw();
    }

    /** Make what is missing. @returns {Promise<{of: Place, name: string, repeats: number, error?: any}>} */
    async settled() {
        const set = this.known.find(({folder}) => folder === this.folder),
            {name, repeats} = set ? {name: nameOfSet(set.folder), repeats: set.repeats} : this.set;
        if (this.of.project) return {of: this.of, name: name.trim() || this.of.project, repeats};
        const found = await createProject(this.project.trim(), {free: true});
        if (found.error) return found;
        const of = {project: found.project, version: found.version};
        return {of, name: name.trim() || of.project, repeats};
    }
}

/** @param {{name: string}[]} entries @returns {[string, string][]} */
const pairs = (entries) => entries.map(({name}) => [name, name]);

/** @returns {[string, string]} */
const another = () => ["", t("a new one")];
