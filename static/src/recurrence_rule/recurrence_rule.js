import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { IntegerField, integerField } from "@web/views/fields/integer/integer_field";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";
import { WeekDays, weekDays } from "@web/views/widgets/week_days/week_days";

const { DateTime, Info } = luxon;
const PREFIX = "recurrence_";

/** A list of choices for a field that is no selection. */
class ChoiceField extends SelectionField {
    get string() {
        return this.options.find(([value]) => value === this.value)?.[1] || "";
    }
}

/** The day of the month: a number, or -1, which reads "Last Day". */
export class RecurrenceMonthDay extends ChoiceField {
    get options() {
        const days = Array.from({ length: 31 }, (_, index) => [index + 1, String(index + 1)]);
        return [...days, [-1, _t("Last Day")]];
    }

    onChange(value) {
        this.props.record.update({ [this.props.name]: value || 0 });
    }
}

/**
 * The month of a yearly rule, which is that of its start date.
 *
 * Another month moves the start to the next such day from today on. Where the rule is by weekday, to
 * the first of that month, so that the weekday of this very month is not already over.
 */
export class RecurrenceMonth extends ChoiceField {
    static props = { ...SelectionField.props, monthByField: { type: String } };

    get options() {
        return Info.months("long").map((label, index) => [index + 1, label]);
    }

    get value() {
        return this.props.record.data[this.props.name]?.month || false;
    }

    onChange(month) {
        const { monthByField, name, record } = this.props;
        if (!month || month === this.value) {
            return;
        }
        const today = DateTime.local().startOf("day");
        const isByDay = record.data[monthByField] === "day";
        const wanted = isByDay ? 1 : (record.data[name] || today).day;
        const inYear = (year) => {
            const first = DateTime.local(year, month, 1);
            return first.set({ day: Math.min(wanted, first.daysInMonth) });
        };
        let start = inYear(today.year);
        if (isByDay && month === today.month) {
            start = today;
        } else if (start < today) {
            start = inYear(today.year + 1);
        }
        record.update({ [name]: start });
    }
}

/** A number that is left empty rather than zero, as of a line that is on each invoice. */
export class RecurrenceEvery extends IntegerField {
    get formattedValue() {
        return this.value ? super.formattedValue : "";
    }
}

/** The weekdays of a rule that is edited on the template of its invoices. */
export class RecurrenceWeekDays extends WeekDays {
    get weekdays() {
        return super.weekdays.map((day) => PREFIX + day);
    }
}

registry.category("fields").add("recurrence_month_day", {
    ...selectionField,
    component: RecurrenceMonthDay,
    supportedTypes: ["integer"],
    isEmpty: (record, name) => !record.data[name],
});
registry.category("fields").add("recurrence_month", {
    ...selectionField,
    component: RecurrenceMonth,
    supportedTypes: ["date"],
    isEmpty: (record, name) => !record.data[name],
    extractProps: (fieldInfo, dynamicInfo) => ({
        ...selectionField.extractProps(fieldInfo, dynamicInfo),
        monthByField: fieldInfo.options.month_by,
    }),
});
registry.category("fields").add("recurrence_every", {
    ...integerField,
    component: RecurrenceEvery,
    isEmpty: (record, name) => !record.data[name],
});
registry.category("view_widgets").add("recurrence_week_days", {
    component: RecurrenceWeekDays,
    fieldDependencies: weekDays.fieldDependencies.map((field) => ({
        ...field,
        name: PREFIX + field.name,
    })),
});
