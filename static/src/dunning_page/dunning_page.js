import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * What the dunning page of an invoice tells beyond its fields. It is asked for when the page is
 * looked at: opening the invoice must not wait for decisions and history nobody reads. It is asked
 * for again once something is saved, as a program or the switch of the page.
 */
class DunningPart extends Component {
    static props = { ...standardWidgetProps };
    static method = "";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: {} });
        this.asked = null;
        useRecordObserver((record) => !record.dirty && this.load(record));
    }

    async load({ resModel, resId }) {
        const asked = (this.asked = Symbol());
        const data = resId
            ? await this.orm.silent.call(resModel, this.constructor.method, [resId])
            : {};
        // a later question may have been answered before
        if (asked === this.asked) {
            this.state.data = data;
        }
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
        const { record } = this.props;
        if (!(await record.save())) {
            return;
        }
        await this.orm.call("dunning.block", "action_lift", [[block.id]]);
        await record.model.load();
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

/** What is claimed today for paying late, if the program computes it. */
export class DunningClaim extends DunningPart {
    static template = "account_recurrence_dunning.DunningClaim";
    static method = "get_dunning_claim_page";

    /** Charge what is left, or waive some of it, then show what is left. */
    async act(name) {
        const { record } = this.props;
        if (!(await record.save())) {
            return;
        }
        const action = await this.orm.call("account.move", name, [[record.resId]]);
        return this.action.doAction(action, { onClose: () => record.model.load() });
    }

    open(rule) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "dunning.charge.rule",
            res_id: rule.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("dunning_claim", { component: DunningClaim });
registry.category("view_widgets").add("dunning_next_step", { component: DunningNextStep });
registry.category("view_widgets").add("dunning_history", { component: DunningHistory });
