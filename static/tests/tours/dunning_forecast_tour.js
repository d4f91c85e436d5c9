import { registry } from "@web/core/registry";

const button = (text) => `.o_form_view .o_widget_dunning_forecast button:contains("${text}")`;

/* A forecast that is done, other settings, and what is then offered. */
registry.category("web_tour.tours").add("dunning_forecast_tour", {
    steps: () => [
        {
            content: "Look ahead, with an impatient second click",
            trigger: button("Look ahead"),
            run: ({ anchor }) => {
                anchor.click();
                anchor.click();
            },
        },
        {
            content: "What goes out",
            trigger: '.o_list_view .o_data_row:contains("First reminder")',
        },
        {
            content: "Back to the forecast",
            trigger: '.o_breadcrumb .breadcrumb-item:contains("Forecast") a',
            run: "click",
        },
        { content: "It is done", trigger: `${button("By day")}.btn-primary` },
        {
            content: "Assume something else",
            trigger: '.o_field_widget[name="assumption"] input[data-value="usual"]',
            run: "click",
        },
        {
            content: "What was found is not of that",
            trigger: `.o_form_view:not(:has(button:contains("By day"))) .btn-primary:contains("Look ahead")`,
        },
        {
            content: "Discard it",
            trigger: ".o_form_button_cancel",
            run: "click",
        },
        { content: "It is done", trigger: button("By day"), run: "click" },
        {
            content: "What goes out",
            trigger: '.o_list_view .o_data_row:contains("First reminder")',
        },
    ],
});
