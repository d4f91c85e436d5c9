import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("dunning_stop_tour", {
    steps: () => [
        {
            content: "A new invoice knows no customer yet",
            trigger: ".o_field_widget[name='partner_id'] input",
            run: "edit Tour Customer",
        },
        { trigger: ".ui-autocomplete a:contains('Tour Customer')", run: "click" },
        {
            content: "The banner comes with the customer, before anything is saved",
            trigger: ".alert-danger:contains('No delivery on credit')",
        },
        { trigger: ".o_form_button_cancel", run: "click" },
        { trigger: "body:not(:has(.o_form_status_indicator_buttons:visible))" },
    ],
});
