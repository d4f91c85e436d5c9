import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("recurrence_price_rise", {
    steps: () => [
        {
            content: "All of them",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_control_panel button[name='action_raise_prices']",
            run: "click",
        },
        {
            content: "By how much",
            trigger: ".o_form_view .o_field_widget[name='percent'] input",
            run: "edit 3 && press Tab",
        },
        {
            trigger: ".o_form_view button[name='action_propose']",
            run: "click",
        },
        {
            content: "Each old and new price is shown first",
            trigger: ".o_field_widget[name='line_ids'] td[name='price']:contains('103.00')",
        },
        {
            trigger: ".oe_stat_button[name='action_open_notices']:contains('40')",
        },
        {
            trigger: ".o_form_view button[name='action_apply']:contains('Announce and Apply')",
            run: "click",
        },
        {
            content: "It is asked first",
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "One has no e-mail address",
            trigger: ".o_form_view button[name='action_open_letters']",
            // forty customers are told one by one
            timeout: 60000,
            run: "click",
        },
        {
            trigger: ".o_list_view td[name='partner_id']:contains('Tour Customer 39')",
        },
    ],
});
