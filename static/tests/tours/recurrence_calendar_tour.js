import { registry } from "@web/core/registry";

const open = (name) => [
    {
        content: "Only mine is shown",
        trigger: ".o_calendar_view:not(:has(.fc-event:contains(Somebody)))",
    },
    {
        trigger: `.fc-event:contains(${name})`,
        run: "click",
    },
];

registry.category("web_tour.tours").add("recurrence_calendar", {
    steps: () => [
        ...open("Call the customer"),
        {
            trigger: ".o_cw_popover button[name=action_done]",
            run: "click",
        },
        {
            content: "What is done leaves the calendar",
            trigger: ".o_calendar_view:not(:has(.fc-event:contains(Call the customer)))",
        },
        ...open("Check the stock"),
        {
            trigger: ".o_cw_popover:has(button[name=action_open_move])",
        },
        {
            trigger: ".o_cw_popover button[name=action_open_skip]",
            run: "click",
        },
        {
            trigger: ".modal div[name=reason] input",
            run: "edit on holiday",
        },
        {
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: ".o_calendar_view:not(:has(.fc-event:contains(Check the stock)))",
        },
    ],
});
