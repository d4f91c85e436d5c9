import { registry } from "@web/core/registry";

/** The checkbox of a weekday, counted from 1 in a week that begins on Sunday. */
function weekday(position) {
    return `.o_recurrent_weekdays td:nth-child(${position}) input`;
}

registry.category("web_tour.tours").add("recurrence_weekly_call", {
    url: "/odoo/recurrences",
    steps: () => [
        {
            content: "A new recurrence",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "has a name,",
            trigger: "div[name=name] textarea",
            run: "edit Weekly call",
        },
        {
            content: "takes place on Wednesdays",
            trigger: weekday(4),
            run: "click",
        },
        {
            content: "as the sentence says before anything is saved,",
            trigger: "div[name=rule_summary]:contains(Every week on Wednesday.)",
        },
        {
            content: "ends",
            trigger: "div[name=end_type] input",
            run: "click",
        },
        {
            content: "on a date",
            trigger: ".o_select_menu_item:contains(End date)",
            run: "click",
        },
        {
            content: "and lasts a year.",
            trigger: "div[name=duration_number] input",
            run: "edit 1 && press Tab",
        },
        {
            content: "The last date is shown",
            trigger: "div[name=rule_preview]:contains(Last date)",
        },
        {
            content: "Generate says what will happen",
            trigger: "button[name=action_open_generate]",
            run: "click",
        },
        {
            content: "before it happens.",
            trigger: ".modal:contains(Dates to plan) button[name=action_confirm]",
            run: "click",
        },
        {
            content: "It says how many were generated",
            trigger: ".o_notification:contains(Dates generated)",
        },
        {
            content: "and lists them.",
            trigger: ".o_notebook .nav-link:contains(Dates)",
            run: "click",
        },
        {
            trigger: "div[name=open_occurrence_ids] .o_data_row:contains(Planned)",
        },
        {
            content: "Wednesday becomes Thursday:",
            trigger: ".o_notebook .nav-link:contains(Rule)",
            run: "click",
        },
        { trigger: weekday(4), run: "click" },
        { trigger: weekday(5), run: "click" },
        {
            trigger: "div[name=rule_summary]:contains(Every week on Thursday.)",
        },
        {
            content: "Regenerating shows the dates first",
            trigger: "button[name=action_open_regenerate]",
            run: "click",
        },
        {
            trigger: ".modal .o_data_row:contains(Wednesday):contains(Removed)",
        },
        {
            trigger: ".modal .o_data_row:contains(Thursday):contains(Added)",
        },
        {
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "and then changes them.",
            trigger: ".o_notification:contains(Dates added)",
        },
    ],
});
