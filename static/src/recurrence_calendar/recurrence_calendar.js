import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { CalendarCommonPopover } from "@web/views/calendar/calendar_common/calendar_common_popover";
import { CalendarCommonRenderer } from "@web/views/calendar/calendar_common/calendar_common_renderer";
import { CalendarRenderer } from "@web/views/calendar/calendar_renderer";
import { calendarView } from "@web/views/calendar/calendar_view";

/** What can be done with a date of a recurrence, where it is looked at in the calendar. */
export class RecurrenceCalendarPopover extends CalendarCommonPopover {
    static subTemplates = {
        ...CalendarCommonPopover.subTemplates,
        footer: "account_recurrence_dunning.RecurrenceCalendarPopover.footer",
    };

    setup() {
        super.setup();
        this.action = useService("action");
    }

    /** The buttons of the form of a date, under the same conditions. */
    get buttons() {
        const record = this.props.record.rawRecord;
        const { may_write: mayWrite, move_id: move, state, target, issue_step: step } = record;
        const isDue = mayWrite && ["planned", "todo"].includes(state);
        const isOpen = isDue || (mayWrite && state === "failed");
        return [
            { name: "action_done", label: _t("Done"), shown: isDue && target !== "invoice" },
            {
                name: "action_open_issue",
                label: _t("Issue…"),
                shown: isDue && target === "invoice" && !move,
            },
            { name: "action_post_draft", label: _t("Post Draft"), shown: step === "draft" },
            { name: "action_open_move", label: _t("Move…"), shown: isOpen },
            { name: "action_open_skip", label: _t("Skip…"), shown: isOpen },
        ].filter((button) => button.shown);
    }

    async press(button) {
        const { close, model, record } = this.props;
        close();
        await this.action.doActionButton({
            type: "object",
            name: button.name,
            resModel: model.resModel,
            resId: record.id,
            resIds: [record.id],
            onClose: () => model.load(),
        });
    }
}

class RecurrenceCalendarCommonRenderer extends CalendarCommonRenderer {
    static components = {
        ...CalendarCommonRenderer.components,
        Popover: RecurrenceCalendarPopover,
    };
}

class RecurrenceCalendarRenderer extends CalendarRenderer {
    static components = {
        ...CalendarRenderer.components,
        day: RecurrenceCalendarCommonRenderer,
        week: RecurrenceCalendarCommonRenderer,
        month: RecurrenceCalendarCommonRenderer,
    };
}

registry
    .category("views")
    .add("recurrence_calendar", { ...calendarView, Renderer: RecurrenceCalendarRenderer });
