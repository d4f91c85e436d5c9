import { registry } from "@web/core/registry";

/** Choose a label in the list of a field. */
function choose(name, label, nth = 0) {
    return [
        {
            trigger: `div[name=${name}] .o_select_menu input:eq(${nth})`,
            run: "click",
        },
        {
            trigger: `.o_select_menu_item:contains(/^${label}$/)`,
            run: "click",
        },
    ];
}

const save = [
    { trigger: ".o_form_button_save", run: "click" },
    { trigger: ".o_form_saved, .o_form_status_indicator_buttons.invisible" },
];

registry.category("web_tour.tours").add("recurrence_rule_editor", {
    steps: () => [
        { trigger: "div[name=name] textarea", run: "edit Renew the certificate" },
        ...choose("rrule_type", "Years"),
        ...choose("date_start", "March"),
        {
            content: "The sentence shows the month",
            trigger: "div[name=rule_summary]:contains(Every year on March)",
        },
        ...save,
        { trigger: ".o_form_button_create", run: "click" },
        { trigger: "div[name=name] textarea", run: "edit Close the month" },
        ...choose("rrule_type", "Months"),
        ...choose("day", "Last Day"),
        {
            trigger: "div[name=rule_summary]:contains(Every month on the last day)",
        },
        ...save,
    ],
});
