import { registry } from "@web/core/registry";

const figure = (name) => `.o_dunning_dashboard [data-figure="${name}"]`;
const tile = (name) => `.o_dunning_dashboard [data-tile="${name}"]`;
const back = {
    content: "Back to the overview",
    trigger: '.o_breadcrumb .breadcrumb-item:contains("Overview") a',
    run: "click",
};

/* A manager's month: the overview, the lists behind it, an earlier day, what levels achieve. */
registry.category("web_tour.tours").add("dunning_dashboard_tour", {
    steps: () => [
        {
            content: "The app opens on the overview",
            trigger: `${figure("receivables")}:contains("$ 1,500.00")`,
        },
        {
            content: "What is overdue, and its share",
            trigger: `${figure("overdue")}:contains("$ 500.00")`,
            run: "click",
        },
        {
            content: "The list behind it",
            trigger: '.o_list_view .o_data_row:contains("Alpha Works")',
        },
        {
            content: "Nothing else is in it",
            trigger: ".o_list_view:not(:has(.o_data_row:nth-child(2)))",
        },
        back,
        {
            content: "Both charts are drawn",
            trigger: `${tile("cash")} canvas[style*="width"]`,
        },
        {
            content: "What today was expected to produce, and did so far",
            trigger: `${tile("days")} [data-state="open"]`,
            run: "hover",
        },
        {
            content: "in a tooltip",
            trigger: '.o-tooltip:contains("Today, so far")',
        },
        {
            content: "All days",
            trigger: `${tile("days")} a:contains("All days")`,
            run: "click",
        },
        { content: "Their list", trigger: '.o_list_view .o_data_row:contains("Not over")' },
        back,
        {
            content: "The definition of a figure",
            trigger: `${tile("ages")} .o_dunning_definition`,
            run: "hover",
        },
        {
            content: "in a tooltip",
            trigger: '.o-tooltip:contains("Open items by the days since their due date")',
        },
        {
            content: "An item of an age",
            trigger: `${tile("ages")} tbody a:contains("$ 500.00")`,
            run: "click",
        },
        { content: "Its list", trigger: '.o_list_view .o_data_row:contains("$ 500.00")' },
        back,
        {
            content: "What the first level achieved",
            trigger: `${tile("levels")} tr:contains("50.0 %") a`,
            run: "click",
        },
        {
            content: "The items behind it",
            trigger: ".o_list_view .o_data_row:nth-child(2)",
        },
        back,
        {
            content: "Set the day back",
            trigger: ".o_dunning_as_of",
            run: "edit 01/01/2020",
        },
        {
            content: "and leave the field",
            trigger: ".o_dunning_dashboard h1",
            run: "click",
        },
        {
            content: "Nothing was open then",
            trigger: '.o_dunning_dashboard .o_dunning_day:contains("01/01/2020")',
        },
        {
            content: "and it says what to do",
            trigger: '.o_dunning_empty:contains("choose a later day")',
        },
        {
            content: "Today again",
            trigger: ".o_dunning_dashboard .o_dunning_today",
            run: "click",
        },
        { content: "The figures are back", trigger: figure("receivables") },
        {
            content: "Reporting",
            trigger: '.o_menu_sections button:contains("Reporting")',
            run: "click",
        },
        {
            content: "What levels achieve",
            trigger: '.o-dropdown-item:contains("What Levels Achieve")',
            run: "click",
        },
        {
            content: "A pivot by program and level",
            trigger: '.o_pivot:contains("Paid within 7 Days")',
        },
    ],
});
