import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

const MODELS = ["mail.activity", "calendar.event"];
const ACTION = "account_recurrence_dunning.recurrence_schedule_action_interaction";

/** The way from activities and meetings, in whichever view, to those that repeat. */
export class RecurrenceEntry extends Component {
    static template = "account_recurrence_dunning.RecurrenceEntry";
    static components = { DropdownItem };
    static props = {};

    setup() {
        this.action = useService("action");
    }

    open() {
        return this.action.doAction(ACTION);
    }
}

registry.category("cogMenu").add("recurrence-entry", {
    Component: RecurrenceEntry,
    groupNumber: 20,
    isDisplayed: async (env) =>
        MODELS.includes(env.searchModel?.resModel) && (await user.hasGroup("base.group_user")),
});
