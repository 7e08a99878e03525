import js from "@eslint/js";
import globals from "globals";

const host = {
    getTranslation: "readonly",
    gradioApp: "readonly",
    switch_to_txt2img: "readonly",
    updateInput: "readonly",
};
const rules = {
    "default-param-last": "error",
    eqeqeq: "error",
    "max-lines": ["error", {max: 150}],
    "max-lines-per-function": ["error", {max: 40}],
    "no-implicit-globals": "error",
    "no-shadow": "error",
    "prefer-const": "error",
    "prefer-template": "off",
};

export default [
    {ignores: ["javascript/vendor/"]},
    js.configs.recommended,
    {files: ["javascript/**/*.mjs"], rules, languageOptions: {globals: {...globals.browser, ...host}}},
    {
        files: ["tests/page/**/*.mjs"],
        rules: {"max-lines": rules["max-lines"]},
        languageOptions: {globals: globals.node},
    },
];
