import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * What the dunning page of an invoice tells beyond its fields. It is asked for when the page is
 * looked at: opening the invoice must not wait for decisions and history nobody reads.
 */
class DunningPart extends Component {
    static props = { ...standardWidgetProps };
    static method = "";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: {} });
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps((nextProps) => this.load(nextProps.record));
    }

    async load(record) {
        const method = this.constructor.method;
        this.state.data = record.resId
            ? await this.orm.silent.call(record.resModel, method, [record.resId])
            : {};
    }
}

/** What comes next and why. */
export class DunningNextStep extends DunningPart {
    static template = "account_recurrence_dunning.DunningNextStep";
    static method = "get_dunning_next_step";
}

/** What blocks the invoice now, and the reminders it was in. */
export class DunningHistory extends DunningPart {
    static template = "account_recurrence_dunning.DunningHistory";
    static method = "get_dunning_history";

    async lift(block) {
        await this.orm.call("dunning.block", "action_lift", [[block.id]]);
        await this.props.record.model.load();
    }

    open(row) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "dunning.reminder",
            res_id: row.reminder_id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("dunning_next_step", { component: DunningNextStep });
registry.category("view_widgets").add("dunning_history", { component: DunningHistory });
