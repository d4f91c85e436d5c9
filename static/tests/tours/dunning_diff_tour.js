import { registry } from "@web/core/registry";
import { countClicks } from "./count_clicks";

const field = (name) => `.o_form_view .o_field_widget[name="${name}"] input`;
const pick = (name, program) => [
    {
        content: `Look for ${program}`,
        trigger: field(name),
        run: `edit ${program}`,
    },
    {
        content: `Take ${program}`,
        trigger: `.o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) a:contains("${program}")`,
        run: "click",
    },
];

/* Program diff: what program A sends to today's customers, beside what B would. */
registry.category("web_tour.tours").add("dunning_diff_tour", {
    steps: () =>
        countClicks(3, [
            ...pick("program_id", "Standard program"),
            ...pick("other_program_id", "Impatient"),
            {
                content: "Look ahead",
                trigger: '.o_form_view button:contains("Look ahead")',
                run: "click",
            },
            {
                content: "Both programs, beside each other",
                trigger: '.o_list_view .o_group_header:contains("Standard program")',
            },
            {
                content: "with their messages and amounts",
                trigger: '.o_list_view .o_group_header:contains("Impatient"):contains("6")',
            },
        ]),
});
