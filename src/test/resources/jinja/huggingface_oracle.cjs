// Renders templates with @huggingface/jinja, whose package lies in the directory that is given. Speaks as
// jinja2_oracle.py does.
"use strict";

const path = require("path");
const readline = require("readline");

const directory = path.resolve(process.argv[2]);
const { Template } = require(directory);
const { version } = require(path.join(directory, "package.json"));

// strftime_now of this library asks the clock of the machine
const RealDate = Date;
let now;
globalThis.Date = class extends RealDate {
    constructor(...values) {
        super(...(values.length === 0 ? [now] : values));
    }
};

let last = {};

function parsed(source) {
    if (last.source !== source) {
        last = { source, template: new Template(source) };
    }
    return last.template;
}

function answer({ template, variables, now: instant }) {
    now = instant;
    try {
        return { text: parsed(template).render(variables) };
    } catch (error) {
        return { error: error.name, message: error.message };
    }
}

console.log(`@huggingface/jinja ${version}, Node.js ${process.versions.node}`);
readline.createInterface({ input: process.stdin }).on("line", (line) => {
    console.log(JSON.stringify(answer(JSON.parse(line))));
});
