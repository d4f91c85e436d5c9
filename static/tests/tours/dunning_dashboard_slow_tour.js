import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";

const plain = rpc._rpc;
let release = () => {};
let simulations = 0;

/** A server that keeps the answer about the first day of 2020 until it is released. */
function slow(url, params, settings) {
    const answer = plain(url, params, settings);
    if (params.method === "action_dunning_simulate_today") {
        simulations += 1;
    }
    if (params.method !== "get_dunning_figures" || params.args[1] !== "2020-01-01") {
        return answer;
    }
    const released = new Promise((resolve) => (release = resolve));
    return Promise.all([answer, released]).then(([figures]) => figures);
}

const setDay = (day) => [
    { content: `Set the day: ${day}`, trigger: ".o_dunning_as_of", run: `edit ${day}` },
    { content: "and leave the field", trigger: ".o_dunning_dashboard h1", run: "click" },
];

registry.category("web_tour.tours").add("dunning_dashboard_slow_tour", {
    steps: () => [
        {
            content: "The server gets slow",
            trigger: ".o_dunning_dashboard",
            run: () => (rpc._rpc = slow),
        },
        ...setDay("01/01/2020"),
        ...setDay("02/02/2020"),
        {
            content: "The later question is answered first",
            trigger: '.o_dunning_dashboard .o_dunning_day:contains("02/02/2020")',
            run: async () => {
                release();
                await new Promise((resolve) => setTimeout(resolve, 300));
            },
        },
        {
            content: "and stays",
            trigger: '.o_dunning_dashboard .o_dunning_day:contains("02/02/2020")',
        },
        {
            content: "Simulate, with an impatient second click",
            trigger: '.o_dunning_dashboard button:contains("Simulate today")',
            run: ({ anchor }) => {
                anchor.click();
                anchor.click();
            },
        },
        {
            content: "One simulation",
            trigger: '.o_form_view .o_field_widget[name="remind_line_ids"]',
            run: () => {
                rpc._rpc = plain;
                if (simulations !== 1) {
                    throw new Error(`Simulations: ${simulations}`);
                }
            },
        },
    ],
});
