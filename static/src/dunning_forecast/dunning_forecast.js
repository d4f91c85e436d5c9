import { Component, onWillUnmount, useState } from "@odoo/owl";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Asks the server to look ahead, stretch by stretch, and shows how far it came. */
export class DunningForecast extends Component {
    static template = "account_recurrence_dunning.DunningForecast";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ isRunning: false, share: 0, day: "" });
        onWillUnmount(() => (this.isStopped = true));
    }

    get percent() {
        return Math.round(100 * this.state.share);
    }

    get reached() {
        const { day } = this.state;
        return day ? _t("Looked at until %s", formatDate(deserializeDate(day))) : _t("Begins…");
    }

    /** What was found does not answer other settings, also before these are saved. */
    get isDone() {
        const { data, dirty } = this.props.record;
        const { date_done: done, date_until: until } = data;
        return Boolean(!dirty && done && until && done >= until);
    }

    async run() {
        const { record } = this.props;
        // a second click comes before the buttons are gone
        if (this.state.isRunning) {
            return;
        }
        Object.assign(this.state, { isRunning: true, share: 0, day: "" });
        this.isStopped = false;
        try {
            if (!(await record.save())) {
                return;
            }
            while (!this.isStopped) {
                const reached = await this.orm.silent.call(record.resModel, "action_continue", [
                    record.resId,
                ]);
                Object.assign(this.state, reached);
                if (reached.done) {
                    break;
                }
            }
        } finally {
            this.state.isRunning = false;
        }
        if (!this.isStopped) {
            await record.load();
            await this.open("action_open_days");
        }
    }

    stop() {
        this.isStopped = true;
    }

    async open(method) {
        const { record } = this.props;
        if (!(await record.save()) || !this.isDone) {
            return;
        }
        const action = await this.orm.call(record.resModel, method, [record.resId]);
        return this.action.doAction(action);
    }
}

registry.category("view_widgets").add("dunning_forecast", {
    component: DunningForecast,
    fieldDependencies: [
        { name: "date_done", type: "date" },
        { name: "date_until", type: "date" },
    ],
});
