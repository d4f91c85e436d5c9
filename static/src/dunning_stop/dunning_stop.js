import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * The banner on invoices and quotations of a customer to whom deliveries are stopped. It asks when
 * the customer is known or changes, so that the form needs no field of its own.
 */
export class DunningStop extends Component {
    static template = "account_recurrence_dunning.DunningStop";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ text: "" });
        this.asked = "";
        useRecordObserver((record) => this.load(record.data));
    }

    async load({ partner_id: partner, company_id: company }) {
        const key = `${partner?.id} ${company?.id}`;
        if (key === this.asked) {
            return;
        }
        this.asked = key;
        const found = partner?.id
            ? await this.orm.silent.call("res.partner", "get_dunning_stop", [
                  [partner.id],
                  company?.id || false,
              ])
            : {};
        if (key === this.asked) {
            this.state.text = found.text || "";
        }
    }
}

registry.category("view_widgets").add("dunning_stop", {
    component: DunningStop,
    fieldDependencies: [
        { name: "partner_id", type: "many2one" },
        { name: "company_id", type: "many2one" },
    ],
});
